package io.accrete.streams.feed;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ObjectEmbedding;
import io.accrete.streams.feed.Ring.CutOffException;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.EmbeddingSubscriber;
import io.accrete.subscriber.Position;
import io.accrete.subscriber.Start;
import io.accrete.subscriber.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One client, on a thread of its own. It follows the ring while its place is in there. Where it is not, after a pause, at the beginning of
 * all, or when another space has begun, it reads the topic itself, as fast as its client takes it, until the ring has what comes next.
 */
final class Client {
  private static final Duration TURN = Duration.ofSeconds(10); // at catching up, while others wait for theirs

  private final AccreteConfig config;
  private final Hub.Reading hub;
  private final Semaphore turns;
  private final FeedRequest request;
  private final EventOutput out;
  private final Runnable cut;
  private Place place; // null: nowhere yet
  private boolean known; // whether the place was found in the topic, or only the client says so
  private boolean spaceTold;
  private boolean caughtUp;

  /** @param turns how many may catch up at a time */
  Client(AccreteConfig config, Hub.Reading hub, Semaphore turns, FeedRequest request, EventOutput out, Runnable cut) {
    this.config = config;
    this.hub = hub;
    this.turns = turns;
    this.request = request;
    this.out = out;
    this.cut = cut;
    place = request.after().orElse(null);
  }

  /** Sends until the client is gone or too slow, or nothing more will come. */
  void run() throws IOException, InterruptedException, CutOffException, Hub.EndedException {
    out.begin();
    Optional<Ring.Cursor> cursor = place == null && !request.beginning() ? Optional.of(now(ring())) : Optional.empty();
    while (true) {
      if (cursor.isEmpty()) {
        cursor = enter(ring());
      }
      if (cursor.isEmpty()) {
        cursor = catchUp();
      }
      if (cursor.isPresent()) {
        follow(cursor.get());
        cursor = Optional.empty();
      }
    }
  }

  private Ring ring() throws IOException, InterruptedException, Hub.EndedException {
    Ring ring = hub.ring(out.silence());
    while (ring == null) {
      out.heartbeat(place);
      ring = hub.ring(out.silence());
    }
    return ring;
  }

  private Ring.Cursor now(Ring ring) throws IOException {
    Ring.Cursor cursor = ring.enter(cut);
    place = cursor.start();
    known = true;
    tellSpace(true);
    return cursor;
  }

  private Optional<Ring.Cursor> enter(Ring ring) {
    return place == null ? Optional.empty() : ring.enter(place, known, cut);
  }

  /** Until the space ends. */
  private void follow(Ring.Cursor following) throws IOException, InterruptedException, CutOffException {
    try (Ring.Cursor cursor = following) {
      if (!spaceTold) {
        tellSpace(false);
      }
      Ring.Batch batch;
      do {
        if (cursor.caughtUp()) {
          tellCaughtUp();
        }
        out.flush();
        batch = cursor.next(out.silence());
        for (Change change : batch.changes()) {
          if (place.reach(change.partition(), change.offset())) {
            tell(change);
          }
        }
        if (batch.behind() != null) {
          place.reach(batch.behind());
        }
        out.heartbeat(place);
      } while (!batch.ended());
    }
  }

  /** Reads the topic until the ring has what comes next, or it is others' turn. */
  private Optional<Ring.Cursor> catchUp() throws IOException, InterruptedException {
    while (!turns.tryAcquire(out.silence().toNanos(), TimeUnit.NANOSECONDS)) {
      out.heartbeat(place);
    }
    CatchUp catchingUp = new CatchUp();
    boolean done = false;
    try {
      Start start = place == null ? Start.beginning() : Start.at(place.positions());
      try (EmbeddingSubscriber subscriber = new EmbeddingSubscriber(config, catchingUp, start, Unreadable.SKIP)) {
        catchingUp.subscriber = subscriber;
        subscriber.run();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      done = true;
      return catchingUp.cursor;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      turns.release();
      if (!done) {
        catchingUp.cursor.ifPresent(Ring.Cursor::close);
      }
    }
  }

  private void tellSpace(boolean reset) throws IOException {
    out.event("space", place, Change.space(place.modelVersion(), reset));
    spaceTold = true;
    caughtUp = false;
  }

  private void tellCaughtUp() throws IOException {
    if (!caughtUp) {
      out.event("caught-up", place, Change.NOTHING);
      caughtUp = true;
    }
  }

  private void tell(Change change) throws IOException {
    if (request.wants(change.objectId())) {
      out.event(change.type(), place, change.json(request.vectors()));
    }
  }

  /** What a subscriber of this client's own delivers; an {@link UncheckedIOException} ends it. */
  private final class CatchUp implements EmbeddingListener {
    private final long begun = System.nanoTime();
    private Optional<Ring.Cursor> cursor = Optional.empty();
    private EmbeddingSubscriber subscriber;
    private boolean begins;
    private boolean reset;

    private interface Sending {
      void send() throws IOException;
    }

    private void send(Sending sending) {
      try {
        sending.send();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onSpace(String modelVersion, boolean anew) {
      begins = true;
      reset = anew;
    }

    @Override
    public void onProgress(Collection<Position> positions) {
      if (begins) {
        begins = false;
        place = Place.of(positions);
        known = true;
        send(() -> {
          if (reset || !spaceTold) {
            tellSpace(reset);
          }
        });
      } else {
        place.reach(positions);
      }
    }

    @Override
    public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
      place.reach(position.partition(), position.offset());
      if (request.wants(objectId)) {
        send(() -> tell(Change.embedding(objectId, embedding, position.partition(), position.offset())));
      }
    }

    @Override
    public void onGone(String objectId, Position position) {
      place.reach(position.partition(), position.offset());
      send(() -> tell(Change.gone(objectId, position.partition(), position.offset())));
    }

    @Override
    public void onCaughtUp() {
      send(Client.this::tellCaughtUp);
    }

    @Override
    public void onPause() {
      send(() -> {
        out.flush();
        out.heartbeat(place);
      });
      goOver();
    }

    private void goOver() {
      try {
        Ring ring = hub.ring(Duration.ZERO);
        if (caughtUp && ring != null && cursor.isEmpty()) {
          cursor = enter(ring);
        }
        if (cursor.isPresent() || turns.hasQueuedThreads() && System.nanoTime() - begun > TURN.toNanos()) {
          subscriber.close();
        }
      } catch (Hub.EndedException e) {
        subscriber.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
