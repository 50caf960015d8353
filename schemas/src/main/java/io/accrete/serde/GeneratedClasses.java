package io.accrete.serde;

import io.accrete.events.ImageEvent;
import io.accrete.state.ObjectState;
import java.util.Set;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/** Avro instantiates no class that nobody has vouched for; this vouches for the generated ones, and for nothing else. */
public final class GeneratedClasses implements ClassSecurityPredicate {
  private static final Set<String> PACKAGES = Set.of(ImageEvent.class.getPackageName(), ObjectState.class.getPackageName());

  private GeneratedClasses() {}

  /** To be called before generated records are read or built; calling it again changes nothing. */
  public static synchronized void trust() {
    ClassSecurityPredicate trusted = ClassSecurityValidator.getGlobal();
    if (!trusted.isTrusted(ImageEvent.class)) {
      ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(trusted, new GeneratedClasses()));
    }
  }

  @Override
  public boolean isTrusted(Class<?> type) {
    return PACKAGES.contains(type.getPackageName());
  }
}
