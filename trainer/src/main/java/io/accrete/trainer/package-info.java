/**
 * The trainer service: image sets in, better model versions out. It depends on the schemas and on what a model is ({@code onnx-export}),
 * never on Kafka Streams; the streams app in turn never loads the trainer's native libraries.
 */
package io.accrete.trainer;
