package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
  @TempDir private Path folder;

  @Test
  void shouldReadWhatItWrites() {
    Path file = folder.resolve("p.json");
    for (Resize resize : Resize.values()) {
      Preprocessing written = new Preprocessing(resize, 256, 224, Resample.BILINEAR, 1, List.of(1.0, 2.0, 3.0), List.of(4.0, 5.0, 6.0));
      written.write(file);
      assertThat(Preprocessing.read(file)).isEqualTo(written);
    }
  }

  @Test
  void shouldReadTheFormsOfHuggingFace() throws IOException {
    assertThat(read("'size': {'shortest_edge': 256}, 'crop_size': {'height': 224, 'width': 224}, 'resample': 3, "
        + "'image_mean': [0.485, 0.456, 0.406], 'image_std': [0.229, 0.224, 0.225]")).isEqualTo(Preprocessing.imageNet(256, 224));
    Preprocessing vit = new Preprocessing(Resize.BOTH_EDGES, 224, 224, Resample.BILINEAR, 1 / 255.0, List.of(0.5, 0.5, 0.5),
        List.of(0.5, 0.5, 0.5));
    String half = "'resample': 2, 'image_mean': [0.5, 0.5, 0.5], 'image_std': [0.5, 0.5, 0.5]";
    assertThat(read("'size': {'height': 224, 'width': 224}, " + half)).isEqualTo(vit);
    assertThat(read("'feature_extractor_type': 'ViTFeatureExtractor', 'size': 224, " + half)).isEqualTo(vit);
    assertThat(read("'size': 224, " + half)).isEqualTo(vit);
    Preprocessing deit = new Preprocessing(Resize.BOTH_EDGES, 256, 224, Resample.BILINEAR, 1 / 255.0, vit.mean(), vit.std());
    String cropped = "'size': 256, 'do_center_crop': true, 'crop_size': 224, " + half;
    assertThat(read("'feature_extractor_type': 'DeiTFeatureExtractor', " + cropped)).isEqualTo(deit);
    assertThat(read("'image_processor_type': 'BitImageProcessor', " + cropped).resize()).isEqualTo(Resize.SHORTEST_EDGE);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "'do_resize': false | do_resize = false",
      "'size': {'shortest_edge': 224}, 'do_center_crop': false | size.shortest_edge without do_center_crop",
      "'size': {'height': 224, 'width': 200} | size = {\"height\":224,\"width\":200}",
      "'size': {'longest_edge': 224} | expected the same height and width",
      "'size': {'height': 32, 'width': 32}, 'resample': 0 | resample = 0",
      "'size': {'height': 32, 'width': 32}, 'resample': 3 | image_mean = nothing",
      "'size': {'height': 32, 'width': 32} | resample = nothing is not supported",
      "'size': {'shortest_edge': 32}, 'crop_size': 64, 'resample': 3, 'do_normalize': false | "
          + "must be the crop size (64) to 4096 pixels; found 32"})
  void shouldNameWhatIsNotSupported(String json, String message) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(BundleException.class).hasMessageContaining(message);
  }

  private Preprocessing read(String fields) throws IOException {
    return Preprocessing.read(Files.writeString(folder.resolve("p.json"), "{" + fields.replace('\'', '"') + "}"));
  }
}
