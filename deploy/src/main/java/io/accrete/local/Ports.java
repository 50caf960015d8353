package io.accrete.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of the local cluster's three servers; 0 leaves the choice to the cluster. */
public record Ports(int broker, int registry, int api) {
  /** The address that everything local listens on. */
  public static final String LOOPBACK = "127.0.0.1";
  /** Every port is chosen by the cluster. */
  public static final Ports ANY = new Ports(0, 0, 0);

  /** The port as given, if it is free; {@code option} is what a person would set to give another one. */
  static int require(int port, String server, String option) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A port is a number up to 65535; " + option + " says " + port + ".");
    }
    if (!isFree(port)) {
      throw new IllegalStateException("Port " + port + " for the " + server
          + " is in use by another program. Stop that program, or give another port with "
          + option + " (0: any free one).");
    }
    return port;
  }

  /** The first of these ports that is free (zeros are passed over), else any free port. */
  static int firstFree(int... preferred) {
    for (int port : preferred) {
      if (port != 0 && isFree(port)) {
        return port;
      }
    }
    try (ServerSocket socket = bind(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("No free port on " + LOOPBACK + ": " + e.getMessage(), e);
    }
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true); // as Kafka does: a port in TIME_WAIT after a restart is free
      socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
