package io.accrete.content;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.core5.net.InetAddressUtils;
import org.apache.kafka.common.config.ConfigException;

/**
 * Which addresses may be connected to: those of the public Internet, and the networks that the configuration adds.
 *
 * <p>Public is what the IANA special-purpose registries (RFC 6890) do not set apart. IPv4: everything else. IPv6: only the global
 * unicast space 2000::/3, and there neither protocol assignments (with Teredo), documentation nor 6to4, which carries an IPv4
 * address that nobody checked; so does NAT64, which lies outside 2000::/3. IPv4-mapped addresses are IPv4 addresses in Java.
 */
record Networks(List<Cidr> allowed) {
  private static final List<Cidr> SPECIAL_IPV4 = cidrs(
      "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
      "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
      "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");
  private static final Cidr GLOBAL_IPV6 = Cidr.parse("2000::/3");
  private static final List<Cidr> SPECIAL_IPV6 = cidrs("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

  /** Every address: for hosts that the configuration names together with what is read there. */
  static final Networks ALL = new Networks(cidrs("0.0.0.0/0", "::/0"));

  /** Public addresses and these networks, in CIDR form. */
  static Networks publicAnd(List<String> networks, String configKey) {
    try {
      return new Networks(networks.stream().map(Cidr::parse).toList());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(configKey + ": " + e.getMessage());
    }
  }

  boolean allow(InetAddress address) {
    return isPublic(address) || contains(allowed, address);
  }

  static boolean isPublic(InetAddress address) {
    return address.getAddress().length == 4
        ? !contains(SPECIAL_IPV4, address)
        : GLOBAL_IPV6.contains(address) && !contains(SPECIAL_IPV6, address);
  }

  private static boolean contains(List<Cidr> networks, InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  private static List<Cidr> cidrs(String... networks) {
    return Stream.of(networks).map(Cidr::parse).toList();
  }

  /** A network: the first {@code prefix} bits of an address. */
  record Cidr(InetAddress network, int prefix) {
    /** Parses {@code 10.0.0.0/8}, {@code ::1/128} or a single address; never asks a name server. */
    static Cidr parse(String text) {
      String[] parts = text.trim().split("/", -1);
      if (parts.length > 2 || !(InetAddressUtils.isIPv4(parts[0]) || InetAddressUtils.isIPv6(parts[0]))) {
        throw new IllegalArgumentException("'" + text + "' is not a network: expected one like 10.0.0.0/8, fd00::/8 or 127.0.0.1.");
      }
      try {
        InetAddress network = InetAddress.getByName(parts[0]);
        int bits = network.getAddress().length * 8;
        int prefix = parts.length == 1 ? bits : Integer.parseInt(parts[1]);
        if (prefix >= 0 && prefix <= bits) {
          return new Cidr(network, prefix);
        }
        throw new IllegalArgumentException("'" + text + "' is not a network: the prefix is 0 to " + bits + " bits.");
      } catch (UnknownHostException | NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' is not a network: expected one like 10.0.0.0/8, fd00::/8 or 127.0.0.1.", e);
      }
    }

    boolean contains(InetAddress address) {
      byte[] a = network.getAddress();
      byte[] b = address.getAddress();
      if (a.length != b.length) {
        return false;
      }
      for (int bit = 0; bit < prefix; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
