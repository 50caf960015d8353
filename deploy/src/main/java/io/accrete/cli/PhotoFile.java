package io.accrete.cli;

import java.nio.file.Path;

/** A photo on disk and its names in the stream: the image id is the path below the object's folder, with forward slashes. */
record PhotoFile(String objectId, String imageId, Path file) {}
