package io.accrete.streams.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.accrete.state.LedgerEntry;
import io.accrete.state.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class StoreCodecsTest {
  @Test
  void shouldKeepObjectsApartWhoseIdsBeginAlike() {
    assertThat(Keys.image("mug", "2a")).isNotEqualTo(Keys.image("mug2", "a"));
    assertThat(Keys.image("mug", "a").get()).startsWith(Keys.object("mug").get());
    assertThat(Keys.object("é").get()).containsExactly(0, 0, 0, 2, 0xc3, 0xa9);
  }

  @Test
  void shouldTellFeaturesOfImagesApartWhoseIdsBeginAlike() {
    byte[] hash = new byte[32];
    assertThat(Keys.isFeatureOf(Keys.image("mug", "a"), Keys.feature("mug", "a", hash, hash))).isTrue();
    assertThat(Keys.isFeatureOf(Keys.image("mug", "a"), Keys.feature("mug", "ab", hash, hash))).isFalse();
  }

  @Test
  void shouldMakeRoomForImagesAndForTheTokensOfAnyModel() {
    Set<String> large = Set.of(StateStores.IMAGES, StateStores.FEATURES);
    assertThat(StateStores.builders(5_000_000, true)).filteredOn(store -> large.contains(store.name())).hasSize(2)
        .allSatisfy(store -> assertThat(store.logConfig()).containsEntry("max.message.bytes", "5000000"));
  }

  @Test
  void shouldWriteFloatsLittleEndian() {
    float[] values = {1.5f, -0f, Float.MIN_VALUE, Float.MAX_VALUE};
    ByteBuffer bytes = Floats.toBytes(values);
    assertThat(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).getFloat(0)).isEqualTo(1.5f);
    assertThat(Floats.fromBytes(bytes)).containsExactly(values);
    assertThat(bytes.position()).isZero();
  }

  @Test
  void shouldRoundToHalfPrecisionOnce() {
    float[] values = {1f, -0.333f, 6.1e-5f, 65504f, 1e-9f};
    float[] once = Floats.fromHalf(Floats.toHalf(values));
    assertThat(once).containsExactly(new float[] {1f, -0.333f, 6.1e-5f, 65504f, 0f}, offset(2e-4f));
    assertThat(Floats.fromHalf(Floats.toHalf(once))).containsExactly(once);
  }

  @Test
  void shouldKeepALedgerEntry() {
    Serde<LedgerEntry> serde = StateSerdes.ledgerEntry();
    LedgerEntry entry = new LedgerEntry("a", 7L, new Sha256(new byte[32]), "s3://b/k",
        Instant.ofEpochMilli(1), null, "shop", Map.of("k", "v"));
    assertThat(serde.deserializer().deserialize("t", serde.serializer().serialize("t", entry))).isEqualTo(entry);
  }
}
