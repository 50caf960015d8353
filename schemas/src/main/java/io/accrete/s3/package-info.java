/** The S3 client that the configuration describes: for content by reference and for published models. */
package io.accrete.s3;
