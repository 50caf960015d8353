package io.accrete.image;

import java.nio.file.Path;

/**
 * A photo on disk and its names in the stream.
 *
 * @param objectId name of the object's folder
 * @param imageId path below the object's folder, with forward slashes
 */
public record PhotoFile(String objectId, String imageId, Path file) {}
