/** libtorch as an interpreter of the tensor algebra, and what training needs beside it: parameters, AdamW, one scope per step. */
package io.accrete.trainer.torch;
