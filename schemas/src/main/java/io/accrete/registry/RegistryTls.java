package io.accrete.registry;

import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;

/** The TLS context for a registry with an own certificate authority or one that asks for client certificates. */
final class RegistryTls {
  private RegistryTls() {}

  static SSLContext context(RegistryConfig config) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          config.getString(RegistryConfig.KEYSTORE).isEmpty() ? null : keys(config).getKeyManagers(),
          config.getString(RegistryConfig.TRUSTSTORE).isEmpty() ? null : trust(config).getTrustManagers(),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new ConfigException("The TLS settings for the schema registry cannot be used: " + e.getMessage());
    }
  }

  private static TrustManagerFactory trust(RegistryConfig config) throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(load(config, RegistryConfig.TRUSTSTORE, RegistryConfig.TRUSTSTORE_PASSWORD));
    return factory;
  }

  private static KeyManagerFactory keys(RegistryConfig config) throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    char[] keyPassword = config.secret(RegistryConfig.KEY_PASSWORD);
    factory.init(
        load(config, RegistryConfig.KEYSTORE, RegistryConfig.KEYSTORE_PASSWORD),
        keyPassword == null ? config.secret(RegistryConfig.KEYSTORE_PASSWORD) : keyPassword);
    return factory;
  }

  /** The JDK recognises PKCS12 and JKS by the file's content. */
  private static KeyStore load(RegistryConfig config, String key, String passwordKey) throws GeneralSecurityException {
    File file = new File(config.getString(key));
    try {
      return KeyStore.getInstance(file, config.secret(passwordKey));
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(key + ": cannot read " + file + " as a PKCS12 or JKS store (" + e.getMessage() + "). Check the path and "
          + passwordKey + ".");
    }
  }
}
