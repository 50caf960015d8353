package io.accrete.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.accrete.onnx.OnnxException;
import io.accrete.onnx.OnnxFile;
import io.accrete.retrieval.Vectors;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.testing.OnnxChecker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SmallerBundleTest {
  @TempDir private Path folder;
  private Bundle original;

  @BeforeEach
  void write() {
    original = UntrainedBundle.write(folder.resolve("original"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldBeSmallerAndNearlyTheSame(SmallerBundle.Kind kind) throws Exception {
    Bundle smaller = smaller(original, kind, kind.name());

    OnnxChecker.check(smaller.encoder());
    assertThat(BundleVerifier.verify(smaller.root())).isLessThanOrEqualTo(BundleVerifier.TOLERANCE);
    assertThat(Files.size(smaller.encoder())).isLessThan(Files.size(original.encoder()) * 11 / 20);
    assertThat(smaller.aggregatorSha256()).isEqualTo(original.aggregatorSha256());
    assertThat(smaller.version()).startsWith("untrained-vit-" + (kind == SmallerBundle.Kind.HALF ? "half-" : "int8-"));
    assertThat(smaller.manifest().lineage()).containsEntry("parent", original.version()).containsEntry("training", "none");
    float[] expected = embedding(original);
    float[] found = embedding(smaller);
    assertThat(found).isNotEqualTo(expected);
    assertThat(Vectors.dot(expected, found)).isGreaterThan(kind == SmallerBundle.Kind.HALF ? 0.99999 : 0.999);
  }

  @Test
  void shouldMultiplyInIntegersByEveryMatrixOfWeights() {
    List<NodeProto> before = OnnxFile.read(original.encoder()).getGraph().getNodeList();
    Bundle half = smaller(original, SmallerBundle.Kind.HALF, "half");
    for (Bundle bundle : List.of(original, half)) { // matrices as they are, and behind a cast
      List<NodeProto> after = OnnxFile.read(smaller(bundle, SmallerBundle.Kind.INT8, "of-" + bundle.version()).encoder())
          .getGraph().getNodeList();
      long attention = 2L * UntrainedBundle.encoder().depth(); // scores and values are products of two inputs
      long products = count(before, "MatMul") - attention;
      assertThat(products).isPositive();
      assertThat(after.stream().filter(node -> node.getOpType().equals("MatMul") && node.getInputList().stream()
          .allMatch(input -> input.startsWith("int8/")))).hasSize((int) products);
      assertThat(count(after, "MatMul")).isEqualTo(count(before, "MatMul"));
    }
  }

  @Test
  void shouldBeTrainableAsHalfOnly() {
    assertThat(BundleWeights.encoder(smaller(original, SmallerBundle.Kind.HALF, "half")).halfPrecision()).isTrue();
    assertThatThrownBy(() -> BundleWeights.encoder(smaller(original, SmallerBundle.Kind.INT8, "int8")))
        .isInstanceOf(BundleException.class).hasMessageContaining("can be used frozen, not trained");
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseWhatIsAsSmallAlready(SmallerBundle.Kind kind) {
    Bundle smaller = smaller(original, kind, "smaller");

    assertThatThrownBy(() -> smaller(smaller, kind, "again")).isInstanceOf(OnnxException.class).hasMessageContaining("has no weights");
  }

  private Bundle smaller(Bundle bundle, SmallerBundle.Kind kind, String name) {
    return BundleWriter.write(SmallerBundle.of(bundle, kind, images(8, 2)), folder.resolve(name), false);
  }

  private static long count(List<NodeProto> nodes, String type) {
    return nodes.stream().filter(node -> node.getOpType().equals(type)).count();
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveAnImageTheSameTokensInEveryBatch(SmallerBundle.Kind kind) {
    try (Model model = Model.load(smaller(original, kind, "smaller"), RuntimeOptions.cpu())) {
      List<byte[]> images = images(1, 5);
      images.set(3, new byte[model.pixelBytes()]); // would widen a range that is the batch's
      float[][] together = model.encode(images);
      for (int i = 0; i < images.size(); i++) {
        float[] alone = model.encode(List.of(images.get(i)))[0];
        for (int t = 0; t < alone.length; t++) {
          assertThat(together[i][t]).isCloseTo(alone[t], Offset.offset(1e-5f));
        }
      }
    }
  }

  private static float[] embedding(Bundle bundle) {
    try (Model model = Model.load(bundle, RuntimeOptions.cpu())) {
      return model.fold(null, model.encode(images(1, 1))[0], 0).embedding();
    }
  }

  private static List<byte[]> images(long seed, int count) {
    Random random = new Random(seed);
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      images.add(new byte[3 * 96 * 96]);
      random.nextBytes(images.get(i));
    }
    return images;
  }
}
