package io.accrete.streams.http;

import io.accrete.bundle.Sha256;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/** The tokens of the configuration, kept as hashes, so that comparing them takes the same time whatever is asked. */
final class Tokens {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._~+/=-]+"); // RFC 6750; none needs quoting in a cookie

  private final List<byte[]> read;
  private final List<byte[]> write;

  private Tokens(List<byte[]> read, List<byte[]> write) {
    this.read = read;
    this.write = write;
  }

  static Tokens of(AccreteConfig config) {
    return new Tokens(hashes(config, ConfigKeys.API_TOKENS_READ), hashes(config, ConfigKeys.API_TOKENS_WRITE));
  }

  private static List<byte[]> hashes(AccreteConfig config, String key) {
    List<String> tokens = Arrays.stream(config.getPassword(key).value().split(",")).map(String::trim).filter(token -> !token.isEmpty())
        .toList();
    if (!tokens.stream().allMatch(token -> ALLOWED.matcher(token).matches())) {
      throw new ConfigException(key + ": expected tokens of letters, digits and . _ ~ + / = -, separated by commas; one of them has other "
          + "characters.");
    }
    return tokens.stream().map(Tokens::hash).toList();
  }

  /** Whether there are none, and so none is asked for. */
  boolean none() {
    return read.isEmpty() && write.isEmpty();
  }

  /** Whether a token allows this; who may write may read. */
  boolean allows(String token, Scope scope) {
    byte[] hash = hash(token);
    boolean writes = matches(write, hash);
    boolean reads = matches(read, hash);
    return scope == Scope.OPEN || writes || reads && scope == Scope.READ;
  }

  private static boolean matches(List<byte[]> known, byte[] hash) {
    boolean found = false;
    for (byte[] each : known) {
      found |= MessageDigest.isEqual(each, hash); // all of them, also after one has matched
    }
    return found;
  }

  private static byte[] hash(String token) {
    return Sha256.bytes(token.getBytes(StandardCharsets.UTF_8));
  }
}
