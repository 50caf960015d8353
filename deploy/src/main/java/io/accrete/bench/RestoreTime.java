package io.accrete.bench;

import java.util.function.LongConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** From when the first store begins to be restored until the last one is. Several threads tell. */
final class RestoreTime implements StateRestoreListener {
  private final LongConsumer counted;
  private long begun; // 0: not yet
  private long ended;
  private long records;

  /** @param counted is told again and again how many records were restored */
  RestoreTime(LongConsumer counted) {
    this.counted = counted;
  }

  @Override
  public synchronized void onRestoreStart(TopicPartition partition, String store, long from, long to) {
    if (begun == 0) {
      begun = System.nanoTime();
    }
  }

  @Override
  public synchronized void onBatchRestored(TopicPartition partition, String store, long last, long more) {
    records += more;
    counted.accept(records);
  }

  @Override
  public synchronized void onRestoreEnd(TopicPartition partition, String store, long restored) {
    ended = System.nanoTime();
  }

  synchronized long records() {
    return records;
  }

  synchronized double seconds() {
    return (ended - begun) / 1e9;
  }
}
