package io.accrete.content;

import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.time.Duration;
import org.apache.kafka.common.config.ConfigException;

/** Makes the resolver of the references in events. */
public final class ContentResolvers {
  private ContentResolvers() {}

  /**
   * The resolver of all allowed schemes; close it at the end.
   *
   * @throws ConfigException if a setting of the group "Content by reference" is malformed or names a directory that does not exist
   */
  public static ContentResolver from(AccreteConfig config) {
    return from(config, InetAddress::getAllByName);
  }

  static ContentResolver from(AccreteConfig config, CheckedDns.Lookup lookup) {
    int millis = config.getInt(ConfigKeys.HTTP_TIMEOUT);
    SizeLimit size = new SizeLimit(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), ConfigKeys.IMAGE_MAX_BYTES + " allows");
    return new InMemory(ContentSources.of(config, lookup, ModelStore.NONE,
        () -> new TimeLimit(Duration.ofMillis(millis), ConfigKeys.HTTP_TIMEOUT + " (" + millis + " ms)")), size);
  }

  private record InMemory(ContentSource source, SizeLimit size) implements ContentResolver {
    @Override
    public byte[] fetch(String reference) throws ContentException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      source.copy(reference, size, bytes);
      return bytes.toByteArray();
    }

    @Override
    public void check(String reference) throws ContentException {
      source.check(reference);
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
