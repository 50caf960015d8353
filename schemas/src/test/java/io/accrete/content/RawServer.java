package io.accrete.content;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that answers each connection with whatever a test writes: what well-behaved servers never send. */
final class RawServer implements AutoCloseable {
  interface Answer {
    void write(OutputStream out) throws Exception;
  }

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final AtomicInteger connections = new AtomicInteger();

  RawServer(Answer answer) throws IOException {
    Thread accept = new Thread(() -> {
      while (!socket.isClosed()) {
        try {
          Socket client = socket.accept();
          connections.incrementAndGet();
          Thread thread = new Thread(() -> answer(client, answer));
          thread.setDaemon(true);
          thread.start();
        } catch (IOException e) {
          return; // closed
        }
      }
    });
    accept.setDaemon(true);
    accept.start();
  }

  private static void answer(Socket client, Answer answer) {
    try (client; InputStream in = client.getInputStream(); OutputStream out = client.getOutputStream()) {
      int matched = 0;
      for (int b = in.read(); b >= 0 && matched < 4; b = matched == 4 ? b : in.read()) {
        matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
      }
      answer.write(out);
      out.flush();
    } catch (Exception e) {
      // The client went away, which is what most of these tests want.
    }
  }

  static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  int connections() {
    return connections.get();
  }

  int port() {
    return socket.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/photo.jpg";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
