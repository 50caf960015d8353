/** Frozen models that run on ONNX Runtime beside the training: what a teacher says of the photos, the tokens of a frozen encoder. */
package io.accrete.trainer.teacher;
