package io.accrete.bench;

import io.accrete.bench.ApiMeasures.Answered;
import io.accrete.bench.ApiMeasures.Compared;
import io.accrete.bundle.Bundle;
import io.accrete.config.AccreteConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** How many requests the HTTP API answers on loopback, and how soon, with nothing else going on and while photos are ingested. */
public final class ApiBench {
  private static final String SIMILAR = "/similar?k=10";

  private final Settings settings;
  private final AccreteConfig config;
  private final Path directory;
  private final BenchObserver observer;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * What is measured.
   *
   * @param photos repeated under other names
   * @param objects that there are
   * @param images sent at once to find the capacity, after a quarter as many to warm up; enough for all objects
   * @param requests of each kind, alone and beside ingest, after a quarter as many to warm up
   * @param clients that ask at the same time
   * @param load rate of the photos that are ingested beside, by the capacity
   */
  public record Settings(Bundle bundle, List<byte[]> photos, int objects, int images, int requests, int clients, double load) {
    public Settings {
      if (photos.isEmpty() || objects < 1 || images < Math.max(objects, EventCluster.WARM_UP_PART) || clients < 1
          || requests < EventCluster.WARM_UP_PART * clients || !(load > 0)) {
        throw new IllegalArgumentException("Expected photos, an object, at least as many images as objects, a client, at least "
            + EventCluster.WARM_UP_PART + " requests a client and a load above 0, found " + photos.size() + " photos, " + objects
            + " objects, " + images + " images, " + clients + " clients, " + requests + " requests and a load of " + load + ".");
      }
    }
  }

  /**
   * A benchmark.
   *
   * @param config of the cluster; addresses and directories in it are replaced
   * @param directory for everything, empty
   */
  public ApiBench(Settings settings, AccreteConfig config, Path directory, BenchObserver observer) {
    this.settings = settings;
    this.config = config;
    this.directory = directory;
    this.observer = observer;
  }

  /** Measures. */
  public ApiMeasures run() throws InterruptedException {
    int warmUp = settings.images / EventCluster.WARM_UP_PART;
    PhotoTurns turns = new PhotoTurns(settings.photos, settings.objects);
    try (BenchCluster cluster = BenchCluster.start(directory, config, settings.bundle, observer)) {
      cluster.ingest(IntStream.range(0, warmUp).mapToObj(turns).toList());
      double capacity = cluster.ingest(IntStream.range(warmUp, warmUp + settings.images).mapToObj(turns).toList());
      ask(cluster, "", "Warm-up", settings.requests / EventCluster.WARM_UP_PART);
      ask(cluster, SIMILAR, "Warm-up", settings.requests / EventCluster.WARM_UP_PART);
      Answered get = ask(cluster, "", "Objects", settings.requests);
      Answered similar = ask(cluster, SIMILAR, "Searches", settings.requests);
      List<BenchPhoto> live = IntStream.range(0, turns.objects()).mapToObj(turns).toList();
      PublishedSpace space = cluster.space(settings.bundle.version());
      double rate = capacity * settings.load;
      try (LiveTraffic traffic = LiveTraffic.start(cluster, space, "live", live, rate)) {
        traffic.await(1, observer);
        Answered getBeside = ask(cluster, "", "Objects beside ingest", settings.requests);
        Answered similarBeside = ask(cluster, SIMILAR, "Searches beside ingest", settings.requests);
        traffic.close();
        space.await(cluster.images(), embeddings -> { });
        return new ApiMeasures(settings.objects, settings.clients, capacity, rate, new Compared(get, getBeside),
            new Compared(similar, similarBeside));
      }
    }
  }

  private Answered ask(BenchCluster cluster, String what, String name, int requests) throws InterruptedException {
    observer.begins(name, requests);
    long[] nanos = new long[requests];
    AtomicInteger next = new AtomicInteger();
    AtomicInteger errors = new AtomicInteger();
    Thread[] clients = new Thread[settings.clients];
    long started = System.nanoTime();
    for (int client = 0; client < clients.length; client++) {
      Random random = new Random(client);
      clients[client] = new Thread(() -> {
        for (int number = next.getAndIncrement(); number < requests; number = next.getAndIncrement()) {
          URI uri = cluster.api().resolve("/v1/objects/object" + random.nextInt(settings.objects) + what);
          long start = System.nanoTime();
          if (!isAnswered(uri)) {
            errors.incrementAndGet();
          }
          nanos[number] = System.nanoTime() - start;
          observer.reached(number + 1);
        }
      }, "api-client-" + client);
    }
    Arrays.stream(clients).forEach(Thread::start);
    for (Thread client : clients) {
      client.join();
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    cluster.requireWell();
    return new Answered(requests / seconds, Latencies.of(nanos), errors.get());
  }

  private boolean isAnswered(URI uri) {
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
