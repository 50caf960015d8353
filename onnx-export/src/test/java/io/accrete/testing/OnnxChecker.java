package io.accrete.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.onnx.global.onnx;

/** The official ONNX checker, shape inference included; a test that needs it is skipped on platforms without its natives. */
public final class OnnxChecker {
  private OnnxChecker() {}

  public static void check(Path model) {
    assumeTrue(loads(), "skipped: the ONNX checker has no natives for " + Loader.getPlatform());
    assertThatCode(() -> onnx.check_model(model.toString(), true, false, true)).as("check_model %s", model).doesNotThrowAnyException();
  }

  private static boolean loads() {
    try {
      Loader.load(onnx.class);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }
}
