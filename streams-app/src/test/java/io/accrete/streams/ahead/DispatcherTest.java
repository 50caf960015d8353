package io.accrete.streams.ahead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DispatcherTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Device device = new Device(4);
  private Dispatcher dispatcher = dispatcher(LONG);

  private Dispatcher dispatcher(Duration waiting) {
    return new Dispatcher(1, 0, waiting, new AheadMetrics(meters, new Budget(0)));
  }

  @AfterEach
  void stop() {
    device.endAll();
    dispatcher.close();
  }

  @Test
  void shouldBeginAtOnceWhenIdleAndTakeTogetherWhatCameWhileBusy() throws Exception {
    List<CompletableFuture<float[]>> tokens = new ArrayList<>(submit("a", 1));
    device.awaitBatch();
    tokens.addAll(submit("a", 2, 3, 4));
    device.endAll();
    for (int i = 0; i < tokens.size(); i++) {
      assertThat(tokens.get(i).get()).containsExactly(i + 1);
    }
    assertThat(device.batches()).containsExactly(bytes(1), bytes(2, 3, 4));
    assertThat(meters.summary(AheadMetrics.BATCH).totalAmount()).isEqualTo(4);
    assertThat(meters.timer(AheadMetrics.QUEUE).count()).isEqualTo(4);
  }

  @Test
  void shouldTakeAFullBatchOfAllPartiesInTurn() throws Exception {
    submit("a", 1);
    device.awaitBatch();
    submit("a", 2, 3, 4, 5, 6, 7);
    List<CompletableFuture<float[]>> late = submit("b", 100, 101);
    device.endAll();
    late.get(1).get();
    assertThat(device.batches().get(1)).containsExactly((byte) 2, (byte) 100, (byte) 3, (byte) 101);
  }

  @Test
  void shouldWaitForImagesThatAreExpectedUnlessTheBatchIsFull() throws Exception {
    dispatcher.expect();
    dispatcher.expect();
    List<CompletableFuture<float[]>> full = submit("a", 1, 2, 3, 4);
    device.endAll();
    full.get(3).get();
    submit("a", 5);
    dispatcher.arrived();
    List<CompletableFuture<float[]>> last = submit("a", 6);
    dispatcher.arrived();
    last.get(0).get();
    assertThat(device.batches()).containsExactly(bytes(1, 2, 3, 4), bytes(5, 6));
  }

  @Test
  void shouldWaitForExpectedImagesOnlyForAWhile() throws Exception {
    dispatcher.close();
    dispatcher = dispatcher(Duration.ofMillis(1));
    dispatcher.expect();
    device.endAll();
    assertThat(submit("a", 1).get(0).get()).containsExactly(1);
  }

  @Test
  void shouldTellAllOfABatchThatFailedAndGoOn() throws Exception {
    submit("a", 1);
    device.awaitBatch();
    List<CompletableFuture<float[]>> failed = submit("a", 2, Device.UNRUNNABLE);
    device.endOne();
    device.awaitBatch();
    List<CompletableFuture<float[]>> broken = submit("a", 3, Device.UNSPEAKABLE);
    device.endOne();
    device.awaitBatch();
    List<CompletableFuture<float[]>> well = submit("a", 4);
    device.endAll();
    assertThat(well.get(0).get()).containsExactly(4);
    assertThat(failed).allSatisfy(each -> assertThatThrownBy(each::get).hasRootCauseMessage("A test's failure"));
    assertThat(broken).allSatisfy(each -> assertThatThrownBy(each::get).hasRootCauseMessage("A test's error"));
  }

  @Test
  void shouldServeSeveralEncodersInTurn() throws Exception {
    Device other = new Device(2);
    other.endAll();
    submit("a", 1);
    device.awaitBatch();
    submit("a", 2, 3, 4, 5, 6, 7, 8, 9);
    CompletableFuture<float[]> elsewhere = submit(other, "a", (byte) 10);
    device.endOne();
    device.awaitBatch(); // 2 to 5, which cannot end: so the other one must not be behind 6 to 9
    device.endOne();
    assertThat(elsewhere.get()).containsExactly(10);
  }

  @Test
  void shouldGiveWhatIsNotUrgentTheRoomThatIsLeftAndSmallBatches() throws Exception {
    submit("a", 1);
    device.awaitBatch();
    List<CompletableFuture<float[]>> others = List.of(submit(false, device, "b", (byte) 20), submit(false, device, "b", (byte) 21),
        submit(false, device, "b", (byte) 22), submit(false, device, "b", (byte) 23));
    submit("a", 2, 3);
    device.endAll();
    others.get(3).get();
    assertThat(device.batches()).containsExactly(bytes(1), bytes(2, 3, 20, 21), bytes(22), bytes(23));
  }

  @Test
  void shouldEncodeAsManyBatchesAtOnceAsTheEncoderAllows() throws Exception {
    dispatcher.close();
    dispatcher = new Dispatcher(2, 0, LONG, new AheadMetrics(meters, new Budget(0)));
    submit("a", 1);
    device.awaitBatch();
    CompletableFuture<float[]> second = submit("a", 2).get(0);
    Device both = new Device(4, 2);
    submit(both, "a", (byte) 20);
    both.awaitBatch(); // as 2 must wait for 1
    device.endOne();
    device.awaitBatch();
    device.endOne();
    second.get();
    submit(both, "a", (byte) 21);
    both.awaitBatch(); // beside 20
    both.endAll();
    assertThat(device.batches()).containsExactly(bytes(1), bytes(2));
    assertThat(both.batches()).containsExactly(bytes(20), bytes(21));
  }

  @Test
  void shouldLeaveOutWhatNobodyWantsAnyMore() throws Exception {
    submit("a", 1);
    device.awaitBatch();
    List<CompletableFuture<float[]>> tokens = submit("a", 2, 3, 4);
    tokens.get(1).cancel(false);
    device.endAll();
    tokens.get(2).get();
    assertThat(device.batches()).containsExactly(bytes(1), bytes(2, 4));
  }

  @Test
  void shouldFinishTheBatchUnderWayAndCancelTheOthersWhenItIsClosed() throws Exception {
    CompletableFuture<float[]> underWay = submit("a", 1).get(0);
    device.awaitBatch();
    CompletableFuture<float[]> waiting = submit("a", 2).get(0);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(dispatcher::close);
    assertThatThrownBy(waiting::get).isInstanceOf(CancellationException.class);
    assertThat(closing).isNotDone();
    device.endAll();
    closing.get();
    assertThat(underWay.get()).containsExactly(1);
    assertThat(submit("a", 3).get(0)).isCancelled();
  }

  private List<CompletableFuture<float[]>> submit(String party, int... images) {
    List<CompletableFuture<float[]>> tokens = new ArrayList<>();
    synchronized (dispatcher) { // all or none of them are seen
      for (int image : images) {
        tokens.add(submit(device, party, (byte) image));
      }
    }
    return tokens;
  }

  private CompletableFuture<float[]> submit(Device to, String party, byte image) {
    return submit(true, to, party, image);
  }

  private CompletableFuture<float[]> submit(boolean urgent, Device to, String party, byte image) {
    CompletableFuture<float[]> tokens = new CompletableFuture<>();
    dispatcher.submit(urgent, party, to, new byte[] {image}, tokens);
    return tokens;
  }

  private static List<Byte> bytes(int... values) {
    List<Byte> bytes = new ArrayList<>();
    for (int value : values) {
      bytes.add((byte) value);
    }
    return bytes;
  }
}
