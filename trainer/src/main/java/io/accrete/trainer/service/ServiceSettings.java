package io.accrete.trainer.service;

import java.nio.file.Path;

/**
 * How the service goes about its rounds.
 *
 * @param directory for rounds
 * @param objects least number of objects, held-back ones included, before the first round
 * @param newPhotos photos that must arrive before another round
 * @param keptRounds rounds whose logs and reports stay
 * @param photoMemory most bytes of decoded photos
 * @param loaders threads that prepare photos
 */
public record ServiceSettings(Path directory, int objects, long newPhotos, int keptRounds, long photoMemory, int loaders) {}
