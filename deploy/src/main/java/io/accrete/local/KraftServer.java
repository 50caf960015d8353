package io.accrete.local;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Controller and broker in one process, as Kafka's own {@code KafkaRaftServer}, but the broker starts only when the controller has fenced
 * the broker that a kill left behind.
 *
 * <p>Kafka 4.3.1 starts both at once. The new broker then leads its partitions for a moment on the strength of its predecessor's
 * registration and takes up the transactions that were being committed; when the registration lapses, all partitions lose their leader, the
 * transaction coordinator takes those without one for deleted ("these partitions are likely deleted already and hence can be skipped"), and
 * completes the transaction without its markers: what was committed is lost to readers of committed data. With one broker alone every
 * partition loses its leader at the same time, so this happens often. Once the old registration is fenced there is nothing to take up
 * early.
 */
final class KraftServer {
  private static final Logger log = LoggerFactory.getLogger(KraftServer.class);
  private static final Duration FENCE_TIMEOUT = Duration.ofMinutes(1);
  private static final long POLL_MS = 20;

  private final int nodeId;
  private final Metrics metrics;
  private final ControllerServer controller;
  private final BrokerServer broker;

  KraftServer(KafkaConfig config) {
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> stored = KafkaRaftServer.initializeLogDirs(config, log, "");
    nodeId = config.nodeId();
    metrics = Server.initializeMetrics(config, Time.SYSTEM, stored._1().clusterId().orElseThrow());
    QuorumConfig quorum = config.quorumConfig();
    Map<Integer, InetSocketAddress> voters = QuorumConfig.parseVoterConnections(quorum.voters());
    Collection<InetSocketAddress> bootstrap = QuorumConfig.parseBootstrapServers(quorum.bootstrapServers());
    SharedServer shared = new SharedServer(config, stored._1(), Time.SYSTEM, metrics, CompletableFuture.completedFuture(voters), bootstrap,
        new StandardFaultHandlerFactory(), ServerSocketFactory.INSTANCE);
    broker = new BrokerServer(shared);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
  }

  void startup() throws InterruptedException {
    controller.startup();
    awaitFenced();
    broker.startup();
  }

  /** Waits until the log is read and no earlier broker is in charge; after a clean stop, and at the very first start, there is none. */
  private void awaitFenced() throws InterruptedException {
    long deadline = System.nanoTime() + FENCE_TIMEOUT.toNanos();
    while (!isFenced(controller.metadataCache().currentImage())) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("The Kafka controller did not take the broker of an earlier run out of service within "
            + FENCE_TIMEOUT.toSeconds() + " s. Try again.");
      }
      Thread.sleep(POLL_MS);
    }
  }

  private boolean isFenced(MetadataImage image) {
    BrokerRegistration earlier = image.cluster().broker(nodeId);
    return !image.isEmpty() && (earlier == null || earlier.fenced());
  }

  void shutdown() {
    broker.shutdown();
    controller.shutdown();
    Utils.closeQuietly(metrics, "metrics");
  }

  void awaitShutdown() {
    broker.awaitShutdown();
    controller.awaitShutdown();
  }
}
