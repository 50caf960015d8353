package io.accrete.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model store behind HTTP, whose answers can be held back: so long no instance has a model ready that it must fetch. */
final class GatedStore implements AutoCloseable {
  private final Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  GatedStore(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String address(String name) {
    return "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getAddress().getPort() + "/" + name;
  }

  void hold() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      gate.await();
      Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
      exchange.sendResponseHeaders(200, Files.size(file));
      Files.copy(file, exchange.getResponseBody());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the end
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
