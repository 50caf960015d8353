package io.accrete.trainer.objective;

/**
 * Settings of {@link MileObjective}.
 *
 * @param objects in a batch
 * @param images N, photos of an object in a sequence
 * @param locals L, small crops of each photo
 * @param localImages photos of a sequence of small crops, at most N; fewer make the student infer the set from a part of it
 * @param hidden width of the head
 * @param bottleneck length of what the head compares with its classes
 * @param classes K of the head
 * @param studentTemperature of the student's softmax
 * @param firstTeacherTemperature of the teacher's softmax, at the start
 * @param teacherTemperature and after the warm-up
 * @param temperatureWarmup steps of that warm-up
 * @param centreMomentum share of the centre that a batch leaves
 * @param teacherMomentum share of the teacher that a step leaves, at the start; 1 at the end
 * @param lastLayerFrozen steps until the head's last layer learns
 * @param centring whether the teacher is centred; without, one class can take everything
 * @param sharpening whether the teacher has a temperature of its own; without, it has the student's, and all classes can become equal
 * @param steps of the run
 */
public record MileSettings(
    int objects, int images, int locals, int localImages, int hidden, int bottleneck, int classes, double studentTemperature,
    double firstTeacherTemperature, double teacherTemperature, long temperatureWarmup, double centreMomentum, double teacherMomentum,
    long lastLayerFrozen, boolean centring, boolean sharpening, long steps) {
  public MileSettings {
    if (objects < 1 || images < 1 || locals < 0 || localImages < 1 || localImages > images) {
      throw new IllegalArgumentException("Expected at least one object and image, and small crops of one to all images; found " + objects
          + " objects, " + images + " images, " + locals + " small crops of " + localImages + " images.");
    }
    if (!(studentTemperature > 0 && firstTeacherTemperature > 0 && teacherTemperature > 0)) {
      throw new IllegalArgumentException("Expected temperatures above 0; found " + studentTemperature + ", " + firstTeacherTemperature
          + " and " + teacherTemperature + ".");
    }
    if (temperatureWarmup < 0 || temperatureWarmup > steps) {
      throw new IllegalArgumentException("Expected a warm-up of the temperature within the " + steps + " steps; found "
          + temperatureWarmup + ".");
    }
  }

  /** The paper's numbers with a head for small data; warm-ups as shares of the run. */
  public static MileSettings standard(long steps) {
    return new MileSettings(32, 4, 8, 4, 512, 128, 4096, 0.1, 0.04, 0.07, steps * 3 / 10, 0.9, 0.996, steps / 100, true, true, steps);
  }

  /** The same with other batches. */
  public MileSettings withBatch(int newObjects, int newImages, int newLocals, int newLocalImages) {
    return new MileSettings(newObjects, newImages, newLocals, newLocalImages, hidden, bottleneck, classes, studentTemperature,
        firstTeacherTemperature, teacherTemperature, temperatureWarmup, centreMomentum, teacherMomentum, lastLayerFrozen, centring,
        sharpening, steps);
  }

  /** The same with another head. */
  public MileSettings withHead(int newHidden, int newBottleneck, int newClasses) {
    return new MileSettings(objects, images, locals, localImages, newHidden, newBottleneck, newClasses, studentTemperature,
        firstTeacherTemperature, teacherTemperature, temperatureWarmup, centreMomentum, teacherMomentum, lastLayerFrozen, centring,
        sharpening, steps);
  }

  /** The same with or without what keeps the teacher from collapse; without, to show what happens then. */
  public MileSettings withControls(boolean newCentring, boolean newSharpening) {
    return new MileSettings(objects, images, locals, localImages, hidden, bottleneck, classes, studentTemperature,
        firstTeacherTemperature, teacherTemperature, temperatureWarmup, centreMomentum, teacherMomentum, lastLayerFrozen, newCentring,
        newSharpening, steps);
  }
}
