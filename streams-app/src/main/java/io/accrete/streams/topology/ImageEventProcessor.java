package io.accrete.streams.topology;

import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.Sha256;
import io.accrete.streams.store.ObjectStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of an image event: parse, decide against the ledger, read the content, encode, fold, store, publish, and now and then sample the
 * object for the trainer. An event that cannot go this way goes to the dead letters, and leaves no trace in the stores: nothing is written
 * before everything that can fail has succeeded, but for tokens of images that are folded again, which are true whatever becomes of the
 * event.
 *
 * <p>What is no event's fault (a registry that is down, a failing runtime) is thrown; the transaction is then aborted and repeated.
 */
final class ImageEventProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger log = LoggerFactory.getLogger(ImageEventProcessor.class);

  private final TopologyParts parts;
  private ProcessorContext<byte[], byte[]> context;
  private TransactionTime time;
  private ObjectStores stores;
  private ObjectFolder folder;

  ImageEventProcessor(TopologyParts parts) {
    this.parts = parts;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    time = new TransactionTime(context, parts.runs(), parts.transactionShare(), System::nanoTime);
    stores = new ObjectStores(context, parts.features());
    folder = new ObjectFolder(parts.model(), stores, parts.contents(), time, parts.metrics());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    time.begin();
    Origin origin = Origin.of(context.recordMetadata().orElseThrow(), record.timestamp());
    try {
      parts.metrics().count(handle(record, origin));
    } catch (RejectedEventException rejected) {
      log.warn("Dead letter: {}-{}@{}: {}: {}", origin.topic(), origin.partition(), origin.offset(), rejected.reason(),
          rejected.getMessage());
      context.forward(parts.deadLetters().of(record, origin, rejected), AccreteTopology.DEAD_LETTERS);
      parts.metrics().count(rejected.reason());
      parts.metrics().count(Outcome.DEAD_LETTERED);
    }
  }

  private Outcome handle(Record<byte[], byte[]> record, Origin origin) throws RejectedEventException {
    String objectId = parts.parser().objectId(record.key());
    Optional<ObjectState> object = stores.object(objectId);
    if (record.value() == null) {
      return object.isPresent() ? delete(record, objectId, object.get()) : Outcome.UNKNOWN;
    }
    ImageEvent event = parts.parser().event(origin.topic(), record.value());
    Optional<LedgerEntry> known = object.flatMap(any -> stores.entry(objectId, event.getImageId()));
    if (event.getOperation() == Operation.REMOVE) {
      return known.isPresent() ? remove(record, origin, objectId, object.get(), known.get()) : Outcome.UNKNOWN;
    }
    return add(record, origin, objectId, event, object, known);
  }

  private Outcome add(Record<byte[], byte[]> record, Origin origin, String objectId, ImageEvent event, Optional<ObjectState> object,
      Optional<LedgerEntry> known) throws RejectedEventException {
    int count = object.map(ObjectState::getImageCount).orElse(0);
    if (known.isEmpty() && count >= parts.maxImages()) {
      throw new RejectedEventException(DeadLetterReason.OBJECT_FULL,
          "The object holds " + count + " images, and object.max.images is " + parts.maxImages() + ".");
    }
    Content content = parts.contents().of(event);
    if (known.isPresent() && content.isThatOf(known.get())) {
      return catchUp(record, objectId, object.orElseThrow());
    }
    byte[] image = content.bytes();
    float[] tokens = folder.encode(image);
    long sequence = object.map(ObjectState::getSequence).orElse(0L) + 1;
    LedgerEntry entry = new LedgerEntry(event.getImageId(), sequence, new Sha256(content.sha256()), content.uri(), origin.timestamp(),
        event.getCapturedAt(), event.getSource(), event.getAttributes());

    Optional<Latent> latent = object.map(state -> state.getLatents().get(version()));
    List<LedgerEntry> before = List.of();
    Attributes attributes = new Attributes();
    if (known.isEmpty() && (latent.isPresent() || count == 0)) {
      object.ifPresent(state -> attributes.add(state.getAttributes()));
    } else { // a replacement, or the first image since another model was served
      before = without(stores.ledger(objectId), event.getImageId());
      latent = folder.fold(objectId, before);
      count = before.size();
      before.forEach(each -> attributes.add(each.getAttributes()));
    }
    Map<String, String> merged = attributes.add(event.getAttributes()).merged();
    Latent folded = folder.append(latent.orElse(null), count, tokens);

    if (known.isPresent()) {
      stores.removeImage(objectId, event.getImageId());
    }
    stores.putImage(objectId, entry, content.uri() == null ? image : null);
    stores.putFeatures(objectId, entry, parts.model().encoderHash(), tokens);
    ObjectState state = changed(origin, count + 1, sequence, event.getImageId(), merged, folded);
    publish(record, objectId, state);
    parts.sampler().sample(record, objectId, state, stores).ifPresent(set -> context.forward(set, AccreteTopology.IMAGE_SETS));
    return known.isPresent() ? Outcome.REPLACED : Outcome.FOLDED;
  }

  private Outcome remove(Record<byte[], byte[]> record, Origin origin, String objectId, ObjectState object, LedgerEntry known)
      throws RejectedEventException {
    List<LedgerEntry> left = without(stores.ledger(objectId), known.getImageId());
    if (left.isEmpty()) {
      return delete(record, objectId, object);
    }
    Latent folded = folder.fold(objectId, left).orElseThrow();
    Attributes attributes = new Attributes();
    left.forEach(each -> attributes.add(each.getAttributes()));
    ObjectState state = changed(origin, left.size(), object.getSequence() + 1,
        left.get(left.size() - 1).getImageId(), attributes.merged(), folded);

    stores.removeImage(objectId, known.getImageId());
    publish(record, objectId, state);
    return Outcome.REMOVED;
  }

  private Outcome delete(Record<byte[], byte[]> record, String objectId, ObjectState object) {
    stores.removeObject(objectId);
    Set<String> versions = new TreeSet<>(object.getLatents().keySet());
    versions.add(version());
    versions.forEach(version -> context.forward(parts.embeddings().gone(record, version), AccreteTopology.EMBEDDINGS));
    return Outcome.DELETED;
  }

  /** A duplicate changes nothing; but the object may not have been folded yet under the model that is served. */
  private Outcome catchUp(Record<byte[], byte[]> record, String objectId, ObjectState object) throws RejectedEventException {
    if (object.getLatents().containsKey(version())) {
      return Outcome.DUPLICATE;
    }
    Latent folded = folder.fold(objectId, stores.ledger(objectId)).orElseThrow();
    publish(record, objectId, ObjectState.newBuilder(object).setLatents(Map.of(version(), folded)).build());
    return Outcome.CAUGHT_UP;
  }

  /** The state after a change. Latents of other model versions are left out: they do not hold this change and could never be continued. */
  private ObjectState changed(Origin origin, int count, long sequence, String lastImageId, Map<String, String> attributes, Latent folded) {
    return new ObjectState(count, sequence, lastImageId, origin.timestamp(), origin.partition(), origin.offset(), attributes,
        Map.of(version(), folded));
  }

  private void publish(Record<byte[], byte[]> record, String objectId, ObjectState state) {
    Record<byte[], byte[]> embedding = parts.embeddings().embedding(record, state, version());
    stores.putObject(objectId, state);
    context.forward(embedding, AccreteTopology.EMBEDDINGS);
  }

  private String version() {
    return parts.model().version();
  }

  private static List<LedgerEntry> without(List<LedgerEntry> ledger, String imageId) {
    List<LedgerEntry> others = new ArrayList<>(ledger);
    others.removeIf(entry -> entry.getImageId().equals(imageId));
    return others;
  }
}
