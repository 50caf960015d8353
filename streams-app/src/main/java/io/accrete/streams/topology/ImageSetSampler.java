package io.accrete.streams.topology;

import static io.accrete.config.ConfigKeys.SAMPLER_OBJECTS;
import static io.accrete.config.ConfigKeys.SAMPLER_SET_BYTES;
import static io.accrete.config.ConfigKeys.SAMPLER_SET_IMAGES;

import io.accrete.config.AccreteConfig;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageSet;
import io.accrete.events.SampledImage;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectStores;
import io.accrete.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Draws the image sets that the trainer learns from.
 *
 * <p>An object is sampled when an image that was added or replaced leaves it with 2, 4, 8, 16, … images. So objects are sampled in
 * proportion to the logarithm of their photos, and popular ones do not drown the rest; and reading their ledgers costs a constant per
 * photo on average: those read on the way to n photos have fewer than 2n entries in all. Only replacing and removing can bring an
 * object to the same number again, and these read its ledger anyway.
 *
 * <p>A set is a function of the object's id, sequence and ledger, so that a replay publishes the same bytes.
 */
final class ImageSetSampler {
  /** The object's id as key and in the value, and what the wire format and Kafka put around them. */
  private static final int SET_OVERHEAD_BYTES = 4 * 1024;
  /** Two hashes in hexadecimal, and the lengths of all parts. */
  private static final int IMAGE_OVERHEAD_BYTES = 256;

  private final double objects;
  private final int maxImages;
  private final int maxBytes;
  private final String topic;
  private final Serializer<SpecificRecord> serializer;
  private final RegistryPatience registry;
  private final TopologyMetrics metrics;

  ImageSetSampler(AccreteConfig config, Serializer<SpecificRecord> serializer, RegistryPatience registry, TopologyMetrics metrics) {
    Topics topics = new Topics(config);
    objects = config.getDouble(SAMPLER_OBJECTS);
    maxImages = config.getInt(SAMPLER_SET_IMAGES);
    maxBytes = Math.min(config.getInt(SAMPLER_SET_BYTES), topics.maxMessageBytes()) - SET_OVERHEAD_BYTES;
    topic = topics.imageSets();
    this.serializer = serializer;
    this.registry = registry;
    this.metrics = metrics;
  }

  /** The set to publish, if the state that this event left the object in calls for one. The stores hold that state already. */
  Optional<Record<byte[], byte[]>> sample(Record<byte[], byte[]> cause, String objectId, ObjectState state, ObjectStores stores) {
    if (!isDue(state.getImageCount()) || !isChosen(objectId)) {
      return Optional.empty();
    }
    List<SampledImage> images = images(objectId, stores.entries(objectId, draw(objectId, state)), stores);
    if (images.size() < 2) {
      metrics.setsTooFew().increment();
      return Optional.empty();
    }
    ImageSet set = new ImageSet(objectId, images, state.getImageCount(), state.getUpdatedAt());
    byte[] value = registry.write(() -> serializer.serialize(topic, set));
    metrics.setsSent().increment();
    return Optional.of(new Record<>(cause.key(), value, cause.timestamp()));
  }

  private static boolean isDue(int imageCount) {
    return imageCount >= 2 && Integer.bitCount(imageCount) == 1;
  }

  private boolean isChosen(String objectId) {
    return (hash("objects " + objectId) >>> 11) * 0x1.0p-53 < objects; // the upper 53 bits, as a number in [0, 1)
  }

  /** Distinct places in the ledger, uniformly; nextInt(bound) is the same on every Java platform. */
  private Set<Integer> draw(String objectId, ObjectState state) {
    Random random = new Random(hash("set " + state.getSequence() + " " + objectId));
    Set<Integer> places = new LinkedHashSet<>();
    while (places.size() < Math.min(maxImages, state.getImageCount())) {
      places.add(random.nextInt(state.getImageCount()));
    }
    return places;
  }

  /** Those that can be read and fit, in the order of arrival. Room is given in the order of the draw, which favours no image. */
  private List<SampledImage> images(String objectId, List<LedgerEntry> drawn, ObjectStores stores) {
    SortedMap<Long, SampledImage> bySequence = new TreeMap<>();
    int room = maxBytes;
    for (LedgerEntry entry : drawn) {
      Optional<SampledImage> image = image(objectId, entry, stores);
      int size = image.map(ImageSetSampler::size).orElse(0);
      if (image.isPresent() && size <= room) {
        bySequence.put(entry.getSequence(), image.get());
        room -= size;
      }
    }
    return List.copyOf(bySequence.values());
  }

  private static Optional<SampledImage> image(String objectId, LedgerEntry entry, ObjectStores stores) {
    String sha256 = Content.hex(entry.getSha256().bytes());
    Optional<Object> content = entry.getUri() == null
        ? stores.image(objectId, entry.getImageId()).map(ByteBuffer::wrap)
        : Optional.of(new ContentReference(entry.getUri(), sha256));
    return content.map(present -> new SampledImage(entry.getImageId(), sha256, present));
  }

  private static int size(SampledImage image) {
    int content = image.getContent() instanceof ContentReference reference
        ? utf8(reference.getUri()).length
        : ((ByteBuffer) image.getContent()).remaining();
    return utf8(image.getImageId()).length + content + IMAGE_OVERHEAD_BYTES;
  }

  /** Salted by the text, so that no other choice by hash, of partitions or of held-back objects, goes along with these. */
  private static long hash(String text) {
    return ByteBuffer.wrap(Content.sha256(utf8(text))).getLong();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
