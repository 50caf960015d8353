package io.accrete.streams.ahead;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What stream threads polled, by way of the interceptor. */
class PolledTest {
  private static final String TOPIC = "events";

  /** Work that says what became of it. */
  private final class Item implements Polled.Work {
    private final String name;

    private Item(ConsumerRecord<byte[], byte[]> record) {
      name = record.partition() + "@" + record.offset();
      begun.add(name);
      room--;
    }

    @Override
    public void taken() {
      room++;
    }

    @Override
    public void dropped() {
      dropped.add(name);
      room++;
    }
  }

  private final List<String> begun = new ArrayList<>();
  private final List<String> dropped = new ArrayList<>();
  private int room = Integer.MAX_VALUE;
  private final Polled<Item> polled =
      new Polled<>(TOPIC, record -> room > 0 ? Optional.of(new Item(record)) : Optional.empty());
  private final PollInterceptor interceptor = interceptor();

  private PollInterceptor interceptor() {
    PollInterceptor made = new PollInterceptor();
    made.configure(Map.of(PollInterceptor.POLLED, polled, "max.poll.records", 7));
    return made;
  }

  @Test
  void shouldPassTheSameRecordsOn() {
    ConsumerRecords<byte[], byte[]> records = records(Map.of(0, List.of(1L)));
    assertThat(interceptor.onConsume(records)).isSameAs(records);
  }

  @Test
  void shouldBeginPartitionsInTurnAndEachInOrder() {
    poll(Map.of(0, List.of(5L, 6L, 7L), 1, List.of(1L), 2, List.of(8L, 10L)));
    assertThat(begun).containsExactly("0@5", "1@1", "2@8", "0@6", "2@10", "0@7");
  }

  @Test
  void shouldGiveEachRecordItsOwnWorkOnce() {
    poll(Map.of(0, List.of(1L, 2L), 1, List.of(1L)));
    assertThat(take(1, 1)).isEqualTo("1@1");
    assertThat(take(0, 1)).isEqualTo("0@1");
    assertThat(take(0, 1)).isEqualTo("none");
    assertThat(take(0, 2)).isEqualTo("0@2");
    assertThat(take(0, 3)).isEqualTo("none");
    assertThat(take(7, 1)).isEqualTo("none");
    assertThat(dropped).isEmpty();
  }

  @Test
  void shouldDropWhatWasPassedOver() {
    poll(Map.of(0, List.of(1L, 2L, 3L, 4L)));
    assertThat(take(0, 3)).isEqualTo("0@3");
    assertThat(dropped).containsExactly("0@1", "0@2");
    assertThat(take(0, 4)).isEqualTo("0@4");
  }

  @Test
  void shouldBeginMoreAsRoomBecomesFree() {
    room = 2;
    poll(Map.of(0, List.of(1L, 2L, 3L, 4L)));
    assertThat(begun).containsExactly("0@1", "0@2");
    assertThat(take(0, 1)).isEqualTo("0@1");
    assertThat(begun).containsExactly("0@1", "0@2", "0@3");
    take(0, 2);
    take(0, 3);
    assertThat(polled.hasMore()).isTrue();
    assertThat(take(0, 4)).isEqualTo("0@4");
    assertThat(polled.hasMore()).isFalse();
  }

  @Test
  void shouldExpectMoreAfterAFullPoll() {
    poll(Map.of(0, List.of(1L, 2L, 3L, 4L), 1, List.of(1L, 2L, 3L)));
    take(0, 4);
    take(1, 3);
    assertThat(polled.hasMore()).isTrue();
    poll(Map.of(0, List.of(5L, 6L)));
    take(0, 6);
    assertThat(polled.hasMore()).isFalse();
  }

  @Test
  void shouldLeaveOutWhatWasProcessedBeforeThereWasRoom() {
    room = 1;
    poll(Map.of(0, List.of(1L, 2L, 3L, 4L)));
    assertThat(take(0, 3)).isEqualTo("none");
    assertThat(dropped).containsExactly("0@1");
    assertThat(begun).containsExactly("0@1", "0@4");
  }

  @Test
  void shouldBeginAnewWhenOffsetsGoBack() {
    poll(Map.of(0, List.of(1L, 2L, 3L), 1, List.of(1L)));
    poll(Map.of(0, List.of(2L, 3L, 4L)));
    assertThat(dropped).containsExactly("0@1", "0@2", "0@3");
    assertThat(begun).containsExactly("0@1", "1@1", "0@2", "0@3", "0@2", "0@3", "0@4");
    assertThat(take(0, 2)).isEqualTo("0@2");
    assertThat(take(1, 1)).isEqualTo("1@1");
  }

  @Test
  void shouldGoOnBehindWhatWasPolledBefore() {
    poll(Map.of(0, List.of(1L, 2L)));
    poll(Map.of(0, List.of(3L, 9L)));
    assertThat(dropped).isEmpty();
    assertThat(take(0, 1)).isEqualTo("0@1");
    assertThat(take(0, 9)).isEqualTo("0@9");
  }

  @Test
  void shouldForgetAPartitionThatIsRevokedAndTakeItWhenItComesBack() {
    poll(Map.of(0, List.of(1L, 2L), 1, List.of(1L)));
    polled.forget(0);
    polled.forget(5);
    assertThat(dropped).containsExactly("0@1", "0@2");
    assertThat(take(0, 1)).isEqualTo("none");
    poll(Map.of(0, List.of(2L)));
    assertThat(take(0, 2)).isEqualTo("0@2");
    assertThat(take(1, 1)).isEqualTo("1@1");
  }

  @Test
  void shouldForgetEverythingWhenTheConsumerIsClosed() {
    poll(Map.of(0, List.of(1L), 1, List.of(1L)));
    interceptor.close();
    assertThat(dropped).containsExactlyInAnyOrder("0@1", "1@1");
    assertThat(take(0, 1)).isEqualTo("none");
  }

  @Test
  void shouldKeepThreadsApartSoThatAReplacedOneBeginsWithNothing() {
    poll(Map.of(0, List.of(1L)));
    assertThat(CompletableFuture.supplyAsync(() -> take(0, 1)).join()).isEqualTo("none");
    CompletableFuture.runAsync(interceptor::close).join();
    assertThat(take(0, 1)).isEqualTo("0@1");
  }

  @Test
  void shouldLeaveOtherTopicsAndDeletionsAlone() {
    ConsumerRecord<byte[], byte[]> deletion = new ConsumerRecord<>(TOPIC, 0, 1, new byte[0], null);
    ConsumerRecord<byte[], byte[]> other = new ConsumerRecord<>("other", 0, 2, new byte[0], new byte[0]);
    interceptor.onConsume(new ConsumerRecords<>(
        Map.of(new TopicPartition(TOPIC, 0), List.of(deletion), new TopicPartition("other", 0), List.of(other)), Map.of()));
    assertThat(begun).isEmpty();
  }

  private String take(int partition, long offset) {
    return polled.take(partition, offset).map(item -> item.name).orElse("none");
  }

  private void poll(Map<Integer, List<Long>> offsets) {
    interceptor.onConsume(records(offsets));
  }

  private static ConsumerRecords<byte[], byte[]> records(Map<Integer, List<Long>> offsets) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    offsets.forEach((partition, all) -> records.put(new TopicPartition(TOPIC, partition), all.stream()
        .map(offset -> new ConsumerRecord<>(TOPIC, partition, offset, new byte[0], new byte[0])).toList()));
    return new ConsumerRecords<>(records, Map.of());
  }
}
