package io.accrete.trainer.testing;

import io.accrete.retrieval.Photo;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** Objects that differ in colour, in photos that differ in what else is in them. */
public final class ColouredPhotos {
  private static final int SIDE = 48;

  private ColouredPhotos() {}

  public static SortedMap<String, List<Photo>> objects(int objects, int photosPerObject) {
    SortedMap<String, List<Photo>> all = new TreeMap<>();
    for (int object = 0; object < objects; object++) {
      List<Photo> photos = new ArrayList<>();
      for (int photo = 0; photo < photosPerObject; photo++) {
        byte[] png = png((float) object / objects, new Random(1000L * object + photo));
        photos.add(new Photo(object + "/" + photo, () -> png));
      }
      all.put("object-" + object, photos);
    }
    return all;
  }

  private static byte[] png(float hue, Random random) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.getHSBColor(hue, 0.8f, 0.8f));
    graphics.fillRect(0, 0, SIDE, SIDE);
    for (int i = 0; i < 3; i++) {
      graphics.setColor(Color.getHSBColor(random.nextFloat(), 0.8f, random.nextFloat()));
      graphics.fillOval(random.nextInt(SIDE), random.nextInt(SIDE), SIDE / 2, SIDE / 2);
    }
    graphics.dispose();
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "png", bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
