package io.accrete.streams.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.content.ContentResolver;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageLimits;
import io.accrete.streams.topology.EventRules;
import io.accrete.streams.topology.Outcome;
import io.accrete.streams.topology.OutcomeWatch;
import io.accrete.streams.topology.OutcomeWatch.Seen;
import io.accrete.streams.write.EventWriter;
import io.accrete.streams.write.EventWriter.Position;
import io.accrete.streams.write.WriteException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Adding and removing images and objects: events that are written to Kafka, and what became of them if that is waited for. None of the
 * server's threads waits for either.
 */
public final class WriteRoutes implements Routes {
  private static final String WRITTEN = "written";
  private static final int LONGEST_WAIT = 60;
  private static final int WRITING = 8; // each waits for its acknowledgement, or half a minute for brokers that are away
  private static final int WAITING = 128;
  private static final int ANSWERING = 2;
  private static final int KIBI = 1024;
  private static final int BODIES_KIBIBYTES = 64 * KIBI;
  private static final Duration ROOM_PATIENCE = Duration.ofSeconds(5);
  private static final Duration WRITE_PATIENCE = Duration.ofSeconds(30);

  private final ObjectQueries queries;
  private final EventWriter writer;
  private final OutcomeWatch outcomes;
  private final PeerClient peers;
  private final ImageBodies bodies;
  private final int largestKibibytes;
  private final Semaphore room; // in KiB, of bodies in memory
  private final Jobs writing = new Jobs("writes", WRITING, WAITING);
  private final ExecutorService answering = Executors.newFixedThreadPool(ANSWERING, Jobs.threads("written"));

  /**
   * Routes that write.
   *
   * @param writer closed with the routes
   * @param outcomes of the partitions that this instance has
   */
  public WriteRoutes(ImageLimits limits, ObjectQueries queries, EventWriter writer, OutcomeWatch outcomes, ContentResolver content,
      PeerClient peers) {
    this.queries = queries;
    this.writer = writer;
    this.outcomes = outcomes;
    this.peers = peers;
    bodies = new ImageBodies(limits, content);
    largestKibibytes = (limits.maxBytes() + Bodies.MULTIPART_BYTES) / KIBI + 1;
    room = new Semaphore(Math.max(BODIES_KIBIBYTES, largestKibibytes), true);
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.post("/v1/objects/{objectId}/images", this::add);
    routes.delete("/v1/objects/{objectId}/images/{imageId}", this::remove);
    routes.delete("/v1/objects/{objectId}", this::delete);
  }

  private void add(Context context) throws IOException, InterruptedException {
    Request request = new Request(context);
    if (request.isRelayed()) {
      return;
    }
    int taken = kibibytes(context);
    if (!room.tryAcquire(taken, ROOM_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw ProblemException.unavailable("Too many images are being uploaded. Try again in a moment.");
    }
    ImageEvent event;
    try {
      event = bodies.event(context);
    } catch (IOException | RuntimeException e) {
      room.release(taken);
      throw e;
    }
    request.write(event, () -> room.release(taken));
  }

  /** A body that does not say its length may have the largest. */
  private int kibibytes(Context context) {
    long length = context.req().getContentLengthLong();
    return length < 0 ? largestKibibytes : (int) Math.min(largestKibibytes, length / KIBI + 1);
  }

  private void remove(Context context) throws IOException {
    Request request = new Request(context);
    ImageEvent event = ImageEvent.newBuilder().setImageId(PathIds.of(context, "imageId")).setOperation(Operation.REMOVE).build();
    EventRules.violation(event).ifPresent(violation -> {
      throw ProblemException.badRequest(violation);
    });
    if (!request.isRelayed()) {
      request.write(event, () -> {});
    }
  }

  private void delete(Context context) throws IOException {
    Request request = new Request(context);
    if (!request.isRelayed()) {
      request.write(null, () -> {});
    }
  }

  @Override
  public void close() {
    writing.close();
    Jobs.end(answering);
    writer.close();
  }

  /** One request to write something of an object. */
  private final class Request {
    private final Context context;
    private final String objectId;
    private final int wait;

    Request(Context context) {
      this.context = context;
      objectId = PathIds.of(context, "objectId");
      wait = Params.integer(context, "wait", 0, LONGEST_WAIT, 0);
      int bytes = objectId.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > EventRules.MAX_ID_BYTES) {
        throw ProblemException.badRequest("The object id has " + bytes + " bytes; at most " + EventRules.MAX_ID_BYTES + " are allowed.");
      }
    }

    /** What becomes of an event is known where the object's partition is: who waits for that is answered there. */
    boolean isRelayed() throws IOException {
      try {
        return wait > 0 && peers.relay(context, objectId, WRITE_PATIENCE.plusSeconds(wait));
      } catch (QueryUnavailableException e) {
        return false; // the partition moves: the event can be written all the same
      }
    }

    /**
     * Writes an event and answers.
     *
     * @param event null: the object is deleted
     * @param written runs when it is written, or not
     */
    void write(ImageEvent event, Runnable written) {
      String imageId = event == null ? null : event.getImageId();
      context.future(() -> writing.run(() -> write(event)).whenComplete((position, failure) -> written.run())
          .thenCompose(position -> wait == 0 ? answer(imageId, position, Optional.empty())
              : outcomes.seen(position.partition(), position.offset(), Duration.ofSeconds(wait))
                  .thenComposeAsync(seen -> answer(imageId, position, seen), answering)));
    }

    private Position write(ImageEvent event) {
      try {
        return writer.write(objectId, event);
      } catch (WriteException e) {
        throw e.tooLarge() ? new ProblemException(413, "Too large", e.getMessage()) : ProblemException.unavailable(e.getMessage());
      }
    }

    private CompletableFuture<Void> answer(String imageId, Position position, Optional<Seen> seen) {
      if (seen.isPresent() && seen.get().outcome() == Outcome.DEAD_LETTERED) {
        return CompletableFuture.failedFuture(new ProblemException(422, "Event rejected",
            "The event was written and went to the dead letters: " + seen.get().message())
            .member("reason", seen.get().reason().orElseThrow().name()).member("position", position));
      }
      ObjectNode json = Json.object().put("objectId", objectId);
      if (imageId != null) {
        json.put("imageId", imageId);
      }
      json.set("position", Json.tree(position));
      json.put("outcome", seen.map(what -> what.outcome().name().toLowerCase(Locale.ROOT)).orElse(WRITTEN));
      if (seen.isPresent()) {
        now().ifPresent(object -> json.set("object", Json.object(object, false)));
      }
      context.status(seen.isPresent() ? 200 : 202);
      Json.send(context, json);
      return CompletableFuture.completedFuture(null);
    }

    /** The object after the write. What happened has happened, even if the object cannot be read at this moment. */
    private Optional<ObjectView> now() {
      try {
        return queries.find(objectId, false);
      } catch (QueryUnavailableException e) {
        return Optional.empty();
      }
    }
  }
}
