package io.accrete.subscriber;

import io.accrete.config.AccreteConfig;
import io.accrete.topics.Topics;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Delivers each object's current embedding to a listener, in exactly one vector space at a time: that of the model version that is ACTIVE.
 * When another version becomes ACTIVE, also by a rollback, the listener is told, gets nothing of the old space any more, and all of the
 * new one from its beginning. Of several changes in quick succession only the last may be told. Only committed records are read, all
 * partitions, without a consumer group; within an object the order is that of its changes.
 *
 * <p>Brokers, the schema registry and topics that are away, and a version that becomes ACTIVE, are waited for; the log says so once.
 */
public final class EmbeddingSubscriber implements Runnable, AutoCloseable {
  private final Patience patience = new Patience();
  private final AtomicReference<Thread> runner = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final TopicReader reader;
  private final RecordReader records;
  private final Subscription subscription;

  /** Begins with everything that the topic holds, and fails at a record that cannot be read. */
  public EmbeddingSubscriber(AccreteConfig config, EmbeddingListener listener) {
    this(config, listener, Start.beginning(), Unreadable.FAIL);
  }

  /**
   * Close it, run or not.
   *
   * @throws org.apache.kafka.common.KafkaException if a setting cannot be used
   */
  public EmbeddingSubscriber(AccreteConfig config, EmbeddingListener listener, Start start, Unreadable unreadable) {
    records = new RecordReader(config, unreadable, patience);
    try {
      reader = new KafkaTopicReader(config);
    } catch (RuntimeException e) {
      records.close();
      throw e;
    }
    subscription = new Subscription(new Topics(config), reader, records, listener, start, patience);
  }

  /**
   * Calls the listener on this thread until the subscriber is closed or the thread is interrupted. To be called once.
   *
   * @throws SubscriberException if topics or records cannot be read, and waiting would not help; the message is for people
   * @throws RuntimeException what the listener throws
   */
  @Override
  public void run() {
    if (!runner.compareAndSet(null, Thread.currentThread())) {
      throw new IllegalStateException("This subscriber has run, or was closed. Make a new one.");
    }
    try {
      subscription.run();
    } finally {
      release();
    }
  }

  /** Ends {@link #run} behind the call of the listener at hand, and waits for it, unless the listener itself is calling. */
  @Override
  public void close() {
    patience.stop();
    reader.wakeUp();
    if (runner.compareAndSet(null, Thread.currentThread())) {
      release(); // it has never run
    }
    if (runner.get() == Thread.currentThread()) {
      return;
    }
    boolean interrupted = false;
    while (ended.getCount() > 0) {
      try {
        ended.await();
      } catch (InterruptedException e) {
        interrupted = true; // the listener must not be called after this
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    try {
      reader.close();
      records.close();
    } finally {
      ended.countDown();
    }
  }
}
