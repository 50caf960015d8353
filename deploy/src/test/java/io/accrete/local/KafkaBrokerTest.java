package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerTest {
  @TempDir private Path dir;

  @Test
  void shouldKeepRecordsAndAddressAcrossRestarts() throws Exception {
    String address;
    try (KafkaBroker broker = KafkaBroker.start(dir, 0)) {
      address = broker.bootstrapServers();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
        admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
      }
      try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", address), new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>("kept", "key", "value")).get();
      }
    }
    try (KafkaBroker broker = KafkaBroker.start(dir, 0);
        var consumer = new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", address), new StringDeserializer(), new StringDeserializer())) {
      assertThat(broker.bootstrapServers()).isEqualTo(address);
      TopicPartition partition = new TopicPartition("kept", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      assertThat(consumer.poll(Duration.ofSeconds(30)).records(partition)).singleElement()
          .satisfies(record -> assertThat(record.value()).isEqualTo("value"));
    }
  }

  @Test
  void shouldSayThatTheDirectoryIsInUse() {
    try (DirectoryLock held = DirectoryLock.take(dir)) {
      assertThat(held).isNotNull();
      assertThatIllegalStateException().isThrownBy(() -> KafkaBroker.start(dir, 0))
          .withMessageContaining(dir.toString()).withMessageContaining("in use").withMessageContaining("--data");
    }
    assertThat(DirectoryLock.isHeld(dir)).isFalse();
  }

  @Test
  void shouldSayThatThePortIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName(Ports.LOOPBACK))) {
      assertThatIllegalStateException().isThrownBy(() -> KafkaBroker.start(dir, taken.getLocalPort()))
          .withMessageContaining(String.valueOf(taken.getLocalPort())).withMessageContaining("--broker-port");
    }
    assertThat(DirectoryLock.isHeld(dir)).isFalse();
  }

  @Test
  void shouldSayThatTheDirectoryCannotBeWritten() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    assertThatIllegalStateException().isThrownBy(() -> KafkaBroker.start(file.resolve("data"), 0))
        .withMessageContaining("Cannot write").withMessageContaining("--data");
  }
}
