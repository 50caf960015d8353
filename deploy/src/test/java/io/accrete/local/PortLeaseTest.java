package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortLeaseTest {
  @Test
  void shouldGiveNobodyElseAPortThatNobodyListensOnYet() {
    int port = Ports.firstFree();
    try (PortLease first = PortLease.firstFree(0, port); PortLease second = PortLease.firstFree(port)) {
      assertThat(first.port()).isEqualTo(port);
      assertThat(second.port()).isNotEqualTo(port).isPositive();
    }
    try (PortLease again = PortLease.firstFree(port)) {
      assertThat(again.port()).isEqualTo(port);
    }
  }

  @Test
  void shouldPassOverAPortThatIsInUse() throws Exception {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getByName(Ports.LOOPBACK));
        PortLease lease = PortLease.firstFree(used.getLocalPort())) {
      assertThat(lease.port()).isNotEqualTo(used.getLocalPort()).isPositive();
    }
  }
}
