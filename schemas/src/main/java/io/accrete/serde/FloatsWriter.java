package io.accrete.serde;

import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

/** Writes Avro's own arrays of floats as what they are; Avro makes an object of each number, a fifth of what publishing one costs. */
final class FloatsWriter<T> extends SpecificDatumWriter<T> {
  FloatsWriter(Schema schema, SpecificData data) {
    super(schema, data);
  }

  @Override
  protected void writeArray(Schema schema, Object datum, Encoder out) throws IOException {
    if (!(datum instanceof FloatArray floats) || schema.getElementType().getType() != Schema.Type.FLOAT) {
      super.writeArray(schema, datum, out);
      return;
    }
    out.writeArrayStart();
    out.setItemCount(floats.size());
    for (int i = 0; i < floats.size(); i++) {
      out.startItem();
      out.writeFloat(floats.getFloat(i));
    }
    out.writeArrayEnd();
  }
}
