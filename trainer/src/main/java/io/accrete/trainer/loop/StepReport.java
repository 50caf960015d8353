package io.accrete.trainer.loop;

import java.util.Map;

/**
 * One step of a stage.
 *
 * @param step counted from 0
 * @param parts of the loss, and other measures, by name
 * @param itemsPerSecond photos that went through the model each second, lately
 * @param idle share of the time, lately, in which the device waited for data
 * @param seconds since the stage began or went on
 * @param embeddings unit embeddings of different objects, every so often; otherwise null
 */
public record StepReport(
    long step, double loss, Map<String, Double> parts, double learningRate, double itemsPerSecond, double idle, double seconds,
    float[][] embeddings) {}
