package io.accrete.streams.topology;

import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.Sha256;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.ObjectStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of an image event: parse, decide against the ledger, read the content, encode, fold, store, publish, and now and then sample the
 * object for the trainer. What {@link ImagesAhead} has done of it is used. Folding is done under every version that is live; what a version
 * lacks, a {@link Sweep} folds between the events.
 * An event that cannot go this way goes to the dead letters, and leaves no trace in the stores: nothing is written before everything that
 * can fail has succeeded, but for tokens of images that are folded again, which are true whatever becomes of the event.
 *
 * <p>What is no event's fault (a registry that is down, a failing runtime) is thrown; the transaction is then aborted and repeated.
 */
final class ImageEventProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger log = LoggerFactory.getLogger(ImageEventProcessor.class);

  private final TopologyParts parts;
  private final ModelSource models;
  private ProcessorContext<byte[], byte[]> context;
  private TransactionTime time;
  private ObjectStores stores;
  private Sweep sweep;
  private OutcomeWatch.Partition outcomes;
  private SweepPace pace; // both of the thread that this is for
  private CommitPace commits;
  private LiveModels live;
  private LiveFolders folders;

  ImageEventProcessor(TopologyParts parts) {
    this.parts = parts;
    models = parts.models().get();
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    time = new TransactionTime(context, parts.runs(), parts.transactionShare(), System::nanoTime);
    stores = new ObjectStores(context, parts.features(), parts.changes());
    sweep = new Sweep(context, parts, models, stores, this::folder);
    outcomes = parts.outcomes().opened(context.taskId().partition());
    pace = parts.pace().get();
    commits = parts.commits().get();
    live = null;
  }

  private ObjectFolder folder(ServedModel model) {
    return new ObjectFolder(model, stores, parts, time, context.taskId().partition());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    time.begin();
    long start = System.nanoTime();
    adopt(models.now());
    Origin origin = Origin.of(context.recordMetadata().orElseThrow(), record.timestamp());
    Optional<AheadImage> ahead = parts.ahead().take(origin);
    try {
      Outcome outcome = handle(record, origin, ahead);
      parts.metrics().through(outcome, record.timestamp());
      outcomes.through(origin.offset(), OutcomeWatch.Seen.of(outcome));
    } catch (RejectedEventException rejected) {
      log.warn("Dead letter: {}-{}@{}: {}: {}", origin.topic(), origin.partition(), origin.offset(), rejected.reason(),
          rejected.getMessage());
      context.forward(parts.deadLetters().of(record, origin, rejected), AccreteTopology.DEAD_LETTERS);
      parts.metrics().count(rejected.reason());
      parts.metrics().count(Outcome.DEAD_LETTERED);
      outcomes.through(origin.offset(), OutcomeWatch.Seen.of(rejected));
    } finally {
      pace.live(System.nanoTime() - start);
      if (!parts.ahead().hasMore()) {
        commits.soon(context);
      }
    }
  }

  @Override
  public void close() {
    parts.ahead().forget(context.taskId().partition());
    sweep.close();
    stores.close();
    outcomes.close();
    models.close();
  }

  /** One record sees one set of models, whatever becomes of them meanwhile. */
  private void adopt(LiveModels models) {
    sweep.adopt(models); // it may have met others since the last record
    if (!models.equals(live)) {
      live = models;
      folders = new LiveFolders(models, this::folder);
    }
  }

  private Outcome handle(Record<byte[], byte[]> record, Origin origin, Optional<AheadImage> ahead) throws RejectedEventException {
    String objectId = parts.parser().objectId(record.key());
    Optional<ObjectState> object = stores.object(objectId);
    if (record.value() == null) {
      return object.isPresent() ? delete(record, objectId, object.get()) : Outcome.UNKNOWN;
    }
    Arrival arrival = new Arrival(record.value(), origin, ahead, parts);
    ImageEvent event = arrival.event();
    Optional<LedgerEntry> known = object.flatMap(any -> stores.entry(objectId, event.getImageId()));
    if (event.getOperation() == Operation.REMOVE) {
      return known.isPresent() ? remove(record, origin, objectId, object.get(), known.get()) : Outcome.UNKNOWN;
    }
    return add(record, origin, objectId, arrival, event, object, known);
  }

  private Outcome add(Record<byte[], byte[]> record, Origin origin, String objectId, Arrival arrival, ImageEvent event,
      Optional<ObjectState> object, Optional<LedgerEntry> known) throws RejectedEventException {
    int count = object.map(ObjectState::getImageCount).orElse(0);
    if (known.isEmpty() && count >= parts.maxImages()) {
      throw new RejectedEventException(DeadLetterReason.OBJECT_FULL,
          "The object holds " + count + " images, and object.max.images is " + parts.maxImages() + ".");
    }
    Content content = arrival.content();
    if (known.isPresent() && content.isThatOf(known.get())) {
      return catchUp(record, objectId, object.orElseThrow());
    }
    NewImage image = new NewImage(arrival, content.bytes());
    long sequence = object.map(ObjectState::getSequence).orElse(0L) + 1;
    LedgerEntry entry = new LedgerEntry(event.getImageId(), sequence, new Sha256(content.sha256()), content.uri(), origin.timestamp(),
        event.getCapturedAt(), event.getSource(), event.getAttributes());

    Map<String, Latent> latents = known.isEmpty() ? object.map(ObjectState::getLatents).orElse(Map.of()) : Map.of();
    boolean again = known.isPresent() || count > 0 && !latents.containsKey(folders.serving().version());
    List<LedgerEntry> before = again ? without(stores.ledger(objectId), event.getImageId()) : List.of();
    int left = known.isPresent() ? before.size() : count;
    Attributes attributes = new Attributes();
    if (again) {
      before.forEach(each -> attributes.add(each.getAttributes()));
    } else {
      object.ifPresent(state -> attributes.add(state.getAttributes()));
    }
    Map<String, String> merged = attributes.add(event.getAttributes()).merged();
    // An object that has latents, but none of a version that is not served, is left to the sweep of that version.
    Map<String, Latent> folded = folders.fold(objectId, other -> latents.isEmpty() || latents.containsKey(other), folder -> {
      float[] tokens = image.tokens(folder);
      Latent latent = latents.get(folder.version());
      return folder.append(latent == null ? folder.fold(objectId, before).orElse(null) : latent, left, tokens);
    });

    if (known.isPresent()) {
      stores.removeImage(objectId, event.getImageId());
    }
    stores.putImage(objectId, entry, content.uri() == null ? image.bytes() : null);
    image.putFeatures(stores, objectId, entry);
    ObjectState state = changed(origin, left + 1, sequence, event.getImageId(), merged, folded);
    publish(record, objectId, object, state);
    parts.sampler().sample(record, objectId, state, stores).ifPresent(set -> context.forward(set, AccreteTopology.IMAGE_SETS));
    return known.isPresent() ? Outcome.REPLACED : Outcome.FOLDED;
  }

  private Outcome remove(Record<byte[], byte[]> record, Origin origin, String objectId, ObjectState object, LedgerEntry known)
      throws RejectedEventException {
    List<LedgerEntry> left = without(stores.ledger(objectId), known.getImageId());
    if (left.isEmpty()) {
      return delete(record, objectId, object);
    }
    Map<String, Latent> folded = folders.fold(objectId, any -> true, folder -> folder.fold(objectId, left).orElseThrow());
    Attributes attributes = new Attributes();
    left.forEach(each -> attributes.add(each.getAttributes()));
    ObjectState state = changed(origin, left.size(), object.getSequence() + 1,
        left.get(left.size() - 1).getImageId(), attributes.merged(), folded);

    stores.removeImage(objectId, known.getImageId());
    publish(record, objectId, Optional.of(object), state);
    return Outcome.REMOVED;
  }

  private Outcome delete(Record<byte[], byte[]> record, String objectId, ObjectState object) {
    stores.removeObject(objectId);
    sweep.changed(objectId, Optional.of(object), Optional.empty());
    Set<String> versions = new TreeSet<>(object.getLatents().keySet());
    live.folding().forEach(model -> versions.add(model.version()));
    versions.removeAll(live.removing().keySet()); // their topics are about to go, or gone
    versions.forEach(version -> context.forward(parts.embeddings().gone(record, version), AccreteTopology.EMBEDDINGS));
    return Outcome.DELETED;
  }

  /** A duplicate changes nothing; but the object may not have been folded yet under the model that is served. */
  private Outcome catchUp(Record<byte[], byte[]> record, String objectId, ObjectState object) throws RejectedEventException {
    String version = folders.serving().version();
    if (object.getLatents().containsKey(version)) {
      return Outcome.DUPLICATE;
    }
    Map<String, Latent> latents = new TreeMap<>(object.getLatents());
    latents.keySet().removeIf(other -> !live.folds(other));
    latents.put(version, folders.serving().fold(objectId, stores.ledger(objectId)).orElseThrow());
    ObjectState state = ObjectState.newBuilder(object).setLatents(latents).build();
    put(objectId, Optional.of(object), state, List.of(parts.embeddings().embedding(record, state, version)));
    return Outcome.CAUGHT_UP;
  }

  /** The state after a change. Latents of other model versions are left out: they do not hold this change and could never be continued. */
  private ObjectState changed(Origin origin, int count, long sequence, String lastImageId, Map<String, String> attributes,
      Map<String, Latent> folded) {
    return new ObjectState(count, sequence, lastImageId, origin.timestamp(), origin.partition(), origin.offset(), attributes, folded);
  }

  private void publish(Record<byte[], byte[]> record, String objectId, Optional<ObjectState> before, ObjectState state) {
    List<Record<byte[], byte[]>> embeddings = new ArrayList<>();
    for (ServedModel model : live.folding()) {
      if (state.getLatents().containsKey(model.version())) {
        embeddings.add(parts.embeddings().embedding(record, state, model.version()));
      } else if (before.isPresent() && before.get().getLatents().containsKey(model.version())) { // what was published is not true any more
        embeddings.add(parts.embeddings().gone(record, model.version()));
      }
    }
    put(objectId, before, state, embeddings);
  }

  private void put(String objectId, Optional<ObjectState> before, ObjectState state, List<Record<byte[], byte[]>> embeddings) {
    stores.putObject(objectId, state);
    sweep.changed(objectId, before, Optional.of(state));
    embeddings.forEach(embedding -> context.forward(embedding, AccreteTopology.EMBEDDINGS));
  }

  private static List<LedgerEntry> without(List<LedgerEntry> ledger, String imageId) {
    List<LedgerEntry> others = new ArrayList<>(ledger);
    others.removeIf(entry -> entry.getImageId().equals(imageId));
    return others;
  }
}
