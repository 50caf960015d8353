package io.accrete.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes ONNX models as single files. */
public final class OnnxFile {
  private OnnxFile() {}

  /**
   * Reads a whole model into memory.
   *
   * @throws OnnxException if the file cannot be read, or keeps weights in other files, which are not followed
   */
  public static ModelProto read(Path file) {
    ModelProto model;
    try (InputStream in = Files.newInputStream(file)) {
      CodedInputStream coded = CodedInputStream.newInstance(in);
      coded.setSizeLimit(Integer.MAX_VALUE);
      model = ModelProto.parseFrom(coded);
    } catch (IOException e) {
      throw new OnnxException("Cannot read " + file + " as an ONNX model: "
          + (Files.exists(file) ? e.getMessage() : "the file does not exist."), e);
    }
    if (model.getGraph().getNodeCount() == 0) {
      throw new OnnxException(file + " is not an ONNX model: it has no graph.");
    }
    if (model.getGraph().getInitializerList().stream().anyMatch(tensor -> tensor.getExternalDataCount() > 0)) {
      throw incomplete(file);
    }
    return model;
  }

  static OnnxException incomplete(Path file) {
    return new OnnxException(file + " keeps weights in another file, which is not followed. Save it as a single file, for example with"
        + " onnx.save(onnx.load(path), path).");
  }

  /**
   * Writes a model.
   *
   * @throws OnnxException if it cannot be written, or is larger than the 2 GiB that the format allows in one file
   */
  public static void write(ModelProto model, Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      model.writeTo(out);
    } catch (IOException e) {
      throw new OnnxException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
