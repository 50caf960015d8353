package io.accrete.cli;

import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.bundle.Preprocessing.Resample;
import io.accrete.bundle.Preprocessing.Resize;
import io.accrete.checkpoint.ForeignEncoder;
import io.accrete.checkpoint.ForeignEncoder.Channels;
import io.accrete.checkpoint.ForeignEncoder.Layout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/** What an ONNX file does not say about itself. */
final class ForeignOptions {
  @Option(names = "--mean", paramLabel = "R,G,B",
      description = "Mean to subtract after scaling; 'imagenet' for ImageNet's. Default: 0,0,0.")
  private String mean = "0,0,0";

  @Option(names = "--std", paramLabel = "R,G,B",
      description = "Standard deviation to divide by; 'imagenet' for ImageNet's. Default: 1,1,1.")
  private String std = "1,1,1";

  @Option(names = "--scale", description = "Factor for pixels of 0 to 255, applied first. Default: 1/255.")
  private double scale = 1 / 255.0;

  @Option(names = "--resize", paramLabel = "PIXELS", description = "Shortest edge before the centre crop. Default: 8/7 of the image size.")
  private int resize;

  @Option(names = "--input", description = "Name of the image input, if there are several.")
  private String input;

  @Option(names = "--output", description = "Name of the output to use, if there are several.")
  private String output;

  @Option(names = "--layout", paramLabel = "nchw|nhwc", description = "Layout of the image. Default: as the input's shape says.")
  private Layout layout;

  @Option(names = "--channels", paramLabel = "rgb|bgr", description = "Order of the colours. Default: rgb.")
  private Channels channels = Channels.RGB;

  @Option(names = "--registers", description = "Register tokens between CLS and the patches. Default: 0.")
  private int registers;

  EncoderGraph wrap(Path file, int imageSize) {
    ForeignEncoder.Options options = new ForeignEncoder.Options(input, output, layout, channels, registers);
    int size = imageSize != 0 ? imageSize : ForeignEncoder.imageSize(file, options);
    if (size == 0) {
      throw new IllegalArgumentException(file + " takes images of any size; say which one with --image-size.");
    }
    int edge = resize != 0 ? resize : Math.round(size * 8 / 7f);
    Preprocessing preprocessing = new Preprocessing(Resize.SHORTEST_EDGE, edge, size, Resample.BICUBIC, scale,
        channels("--mean", mean, Preprocessing.IMAGENET_MEAN), channels("--std", std, Preprocessing.IMAGENET_STD));
    return ForeignEncoder.wrap(file, preprocessing, options);
  }

  private static List<Double> channels(String option, String text, List<Double> imageNet) {
    if (text.equalsIgnoreCase("imagenet")) {
      return imageNet;
    }
    try {
      return Arrays.stream(text.split(",", -1)).map(part -> Double.valueOf(part.strip())).toList();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " must be three numbers R,G,B or 'imagenet'; found '" + text + "'.", e);
    }
  }
}
