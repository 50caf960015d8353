package io.accrete.catalogue;

/** What products there are. */
enum Kind {
  BOTTLE(Form.ROUND), BOX(Form.BOX), MUG(Form.ROUND), SHOE(Form.SHOE), CAN(Form.ROUND), LAMP(Form.ROUND), FRUIT(Form.FRUIT),
  JAR(Form.ROUND), CARTON(Form.BOX), VASE(Form.ROUND), BOOK(Form.BOX), CANDLE(Form.ROUND);

  /** How it is drawn. */
  enum Form { ROUND, BOX, SHOE, FRUIT }

  private final Form form;

  Kind(Form form) {
    this.form = form;
  }

  Form form() {
    return form;
  }
}
