package io.accrete.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.content.Networks.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  @ParameterizedTest
  @ValueSource(strings = {
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "127.1", "2130706433",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:5ef5:79fb::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1",
        "5f00::1",
    "fc00::1", "fd12:3456::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"})
  void shouldRefuseAddressesThatAreNotPublic(String address) throws UnknownHostException {
    assertThat(Networks.isPublic(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8",
    "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2003::1"})
  void shouldAllowPublicAddresses(String address) throws UnknownHostException {
    assertThat(Networks.isPublic(InetAddress.getByName(address))).isTrue();
  }

  @Property(tries = 2000)
  void shouldNeverAllowWhatTheJdkKnowsAsLocal(@ForAll("addresses") InetAddress address) {
    boolean local = address.isLoopbackAddress() || address.isAnyLocalAddress() || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress();
    assertThat(local && Networks.isPublic(address)).isFalse();
  }

  @Property
  void shouldHoldExactlyTheAddressesWithItsPrefix(@ForAll("addresses") InetAddress network, @ForAll("addresses") InetAddress other) {
    int bits = network.getAddress().length * 8;
    assertThat(new Cidr(network, bits).contains(network)).isTrue();
    assertThat(new Cidr(network, bits).contains(other)).isEqualTo(network.equals(other));
    assertThat(new Cidr(network, 0).contains(other)).isEqualTo(other.getAddress().length == network.getAddress().length);
  }

  @Provide
  Arbitrary<InetAddress> addresses() {
    // Random bytes alone would hardly ever hit the special ranges, so first bytes are drawn from those ranges as well.
    Arbitrary<Byte> first = Arbitraries.oneOf(Arbitraries.bytes(), Arbitraries.of((byte) 0, (byte) 10, (byte) 127, (byte) 169,
        (byte) 172, (byte) 192,
        (byte) 0xfc, (byte) 0xfe, (byte) 0xff, (byte) 0x20));
    Arbitrary<byte[]> rest = Arbitraries.oneOf(
        Arbitraries.bytes().array(byte[].class).ofSize(3), Arbitraries.bytes().array(byte[].class).ofSize(15),
        Arbitraries.of((byte) 0, (byte) 1, (byte) -1).array(byte[].class).ofSize(15));
    return net.jqwik.api.Combinators.combine(first, rest).as((head, tail) -> {
      byte[] bytes = new byte[tail.length + 1];
      bytes[0] = head;
      System.arraycopy(tail, 0, bytes, 1, tail.length);
      try {
        return InetAddress.getByAddress(bytes);
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void shouldAddConfiguredNetworks() throws UnknownHostException {
    Networks networks = Networks.publicAnd(List.of("10.1.0.0/16", "::1", "fd00::/9"), "key");

    assertThat(networks.allow(InetAddress.getByName("10.1.255.3"))).isTrue();
    assertThat(networks.allow(InetAddress.getByName("10.2.0.1"))).isFalse();
    assertThat(networks.allow(InetAddress.getByName("::1"))).isTrue();
    assertThat(networks.allow(InetAddress.getByName("127.0.0.1"))).isFalse();
    assertThat(networks.allow(InetAddress.getByName("fd7f::1"))).isTrue();
    assertThat(networks.allow(InetAddress.getByName("fd80::1"))).isFalse();
    assertThat(networks.allow(InetAddress.getByName("8.8.8.8"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "10.0.0/8", "", "cafe",
      "10.0.0.0/x"})
  void shouldExplainMalformedNetworks(String network) {
    assertThatThrownBy(() -> Networks.publicAnd(List.of(network), "content.http.private.networks"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("content.http.private.networks").hasMessageContaining("'" + network + "' is not a network");
  }
}
