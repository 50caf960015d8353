package io.accrete.trainer.buffer;

import io.accrete.bundle.Sha256;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.content.ContentResolvers;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageSet;
import io.accrete.events.SampledImage;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.serde.AvroSerdeException;
import io.accrete.serde.AvroSerdes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a record of the topic to photos on disk. What is wrong with a set or an image is told in one message, and costs nothing else. */
final class SetReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SetReader.class);
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_ID_BYTES = 1024; // as in image events

  private final Deserializer<ImageSet> deserializer;
  private final ContentResolver resolver;
  private final ImageLimits limits;
  private final int most;

  /** Why an image cannot be used. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }
  }

  /** @param most images of a set that are read */
  SetReader(AccreteConfig config, int most) {
    this.resolver = ContentResolvers.from(config);
    this.deserializer = AvroSerdes.deserializer(ImageSet.class, config);
    this.limits = new ImageLimits(config.getInt(ConfigKeys.IMAGE_MAX_BYTES), config.getLong(ConfigKeys.IMAGE_MAX_PIXELS));
    this.most = most;
  }

  /**
   * Puts the usable photos of a set into the draft.
   *
   * @return the object; empty if the set is passed over
   * @throws IOException if the draft cannot be written
   * @throws RuntimeException if the schema registry cannot be used now
   */
  Optional<String> read(ConsumerRecord<String, byte[]> record, Draft draft) throws IOException {
    String where = record.topic() + "-" + record.partition() + " at offset " + record.offset();
    try {
      ImageSet set = set(record);
      take(set, where, draft);
      return Optional.of(set.getObjectId());
    } catch (UnusableException e) {
      log.warn("The image set {} is passed over: {}", where, e.getMessage());
      return Optional.empty();
    }
  }

  private ImageSet set(ConsumerRecord<String, byte[]> record) throws UnusableException {
    if (record.value() == null) {
      throw new UnusableException("it has no value.");
    }
    ImageSet set;
    try {
      set = deserializer.deserialize(record.topic(), record.value());
    } catch (RuntimeException e) {
      if (AvroSerdeException.Reason.of(e) == AvroSerdeException.Reason.REGISTRY_UNAVAILABLE) {
        throw e;
      }
      throw new UnusableException("it cannot be read: " + shown(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
    }
    int id = set.getObjectId().getBytes(StandardCharsets.UTF_8).length;
    if (id == 0 || id > MAX_ID_BYTES) {
      throw new UnusableException("its object id has " + id + " bytes; expected 1 to " + MAX_ID_BYTES + ".");
    }
    return set;
  }

  private void take(ImageSet set, String where, Draft draft) throws IOException, UnusableException {
    List<SampledImage> images = set.getImages();
    if (images.size() > most) {
      log.warn("The image set {} of object '{}' has {} images; the last {} are taken ({}).", where, shown(set.getObjectId()),
          images.size(), most, ConfigKeys.TRAINER_BUFFER_OBJECT_IMAGES);
      images = images.subList(images.size() - most, images.size());
    }
    List<String> unusable = new ArrayList<>();
    for (SampledImage image : images) {
      try {
        take(image, draft);
      } catch (UnusableException e) {
        unusable.add("'" + shown(image.getImageId()) + "': " + e.getMessage());
      }
    }
    String first = unusable.isEmpty() ? "" : " The first that cannot be used is " + unusable.get(0);
    if (draft.size() < BufferLimits.LEAST_PHOTOS) {
      throw new UnusableException(draft.size() + " of its " + images.size() + " images can be used and differ; expected at least "
          + BufferLimits.LEAST_PHOTOS + ". It is of object '" + shown(set.getObjectId()) + "'." + first);
    }
    if (!unusable.isEmpty()) {
      log.warn("{} of {} images are left out of the image set {} of object '{}'.{}", unusable.size(), images.size(), where,
          shown(set.getObjectId()), first);
    }
  }

  private void take(SampledImage image, Draft draft) throws IOException, UnusableException {
    String sha256 = image.getSha256();
    if (!SHA256.matcher(sha256).matches()) {
      throw new UnusableException("its sha256 is not 64 lower-case hexadecimal digits.");
    }
    if (draft.addKnown(sha256)) {
      return;
    }
    byte[] bytes = bytes(image.getContent());
    String found = Sha256.of(bytes);
    if (!found.equals(sha256)) {
      throw new UnusableException("its bytes have the SHA-256 " + found + "; expected " + sha256 + ".");
    }
    try {
      ImageDecoder.check(bytes, limits);
    } catch (ImageException e) {
      throw new UnusableException(e.getMessage());
    }
    draft.add(sha256, bytes);
  }

  private byte[] bytes(Object content) throws UnusableException {
    if (content instanceof ContentReference reference) {
      try {
        return resolver.fetch(reference.getUri());
      } catch (ContentException e) {
        throw new UnusableException(shown(e.getMessage()));
      }
    }
    ByteBuffer buffer = (ByteBuffer) content;
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Ids may hold anything, and this goes into logs. */
  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  /** Ends downloads that are under way. */
  void stop() {
    resolver.close();
  }

  @Override
  public void close() {
    resolver.close();
    deserializer.close();
  }
}
