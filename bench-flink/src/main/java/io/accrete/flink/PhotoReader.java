package io.accrete.flink;

import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.serde.AvroSerdes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import org.apache.flink.api.common.serialization.DeserializationSchema.InitializationContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** From records of image events to photos. */
final class PhotoReader implements KafkaRecordDeserializationSchema<Photo> {
  private final JobSettings settings;
  private transient Deserializer<ImageEvent> events;

  PhotoReader(JobSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(InitializationContext context) {
    events = AvroSerdes.deserializer(ImageEvent.class, settings.config());
  }

  /** @throws IllegalArgumentException if the event does something else than add an image by value: nothing else is compared */
  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Photo> out) {
    ImageEvent event = events.deserialize(record.topic(), record.value());
    if (event == null || event.getOperation() != Operation.ADD || !(event.getContent() instanceof ByteBuffer content)) {
      throw new IllegalArgumentException("Expected an event that adds an image by value, found another at %s-%d@%d."
          .formatted(record.topic(), record.partition(), record.offset()));
    }
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    out.collect(new Photo(new String(record.key(), StandardCharsets.UTF_8), event.getImageId(), bytes,
        new HashMap<>(event.getAttributes()), record.timestamp(), record.partition(), record.offset()));
  }

  @Override
  public TypeInformation<Photo> getProducedType() {
    return TypeInformation.of(Photo.class);
  }
}
