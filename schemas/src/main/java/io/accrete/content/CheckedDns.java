package io.accrete.content;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves names to allowed addresses only. The client connects to what this returns, so the address that was checked is the
 * address that is used, and a name server that changes its answer between check and use gains nothing.
 */
final class CheckedDns implements DnsResolver {
  /** Every address of the host is outside of what the configuration allows. */
  static final class Refused extends UnknownHostException {
    private static final long serialVersionUID = 1;
  }

  /** Where addresses come from; the JDK's resolver in production. */
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Networks networks;
  private final Lookup lookup;

  CheckedDns(Networks networks, Lookup lookup) {
    this.networks = networks;
    this.lookup = lookup;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] allowed = Stream.of(lookup.addresses(host)).filter(networks::allow).toArray(InetAddress[]::new);
    if (allowed.length == 0) {
      throw new Refused();
    }
    return allowed;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
