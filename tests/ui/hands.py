"""Two ways in which a person works a page: with the mouse, or with the keyboard alone."""

from __future__ import annotations

FAR = 250
"""More stops than there are between any two controls of a page."""
# The key that leads from where the keyboard is to a control; Tab stops once at a toolbar.
BEARING = """node => {
  const at = document.activeElement;
  if (node.contains(at)) {
    let inner = at;
    while (inner.shadowRoot?.activeElement) { inner = inner.shadowRoot.activeElement; }
    return inner.matches(':focus-visible') ? 'here' : 'hidden';
  }
  const isBefore = at.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
  if (at.closest('[role=toolbar], jp-toolbar')?.contains(node)) {
    return isBefore ? 'ArrowLeft' : 'ArrowRight';
  }
  return isBefore ? 'Shift+Tab' : 'Tab';
}"""
WHERE = "document.activeElement.outerHTML.slice(0, 120)"


class Mouse:
    """Points and presses."""

    def __init__(self, page):
        self.page = page

    def reach(self, control):
        control.click()

    def press(self, button):
        button.click()

    def grasp(self, slider, stop):
        """Take hold of a slider and bring it to a stop."""
        slider.scroll_into_view_if_needed()
        self._box, self._last = slider.bounding_box(), int(slider.get_attribute("max"))
        self._point_at(stop)
        self.page.mouse.down()

    def lower(self):
        """Bring the slider that is held one stop down."""
        self._point_at(self._stop - 1)

    def let_go(self):
        self.page.mouse.up()

    def _point_at(self, stop):
        self._stop = stop
        # The middle of the thumb is never nearer to an end than half of its width.
        thumb = self._box["height"]
        way = self._box["width"] - thumb
        x = self._box["x"] + thumb / 2 + way * stop / self._last
        self.page.mouse.move(x, self._box["y"] + self._box["height"] / 2)


class Keyboard:
    """Tab, arrows, Enter and Space; never the mouse, and no focus that is given away."""

    def __init__(self, page):
        self.page = page

    def reach(self, control):
        """Go to a control as Tab leads there, and see that it shows where the keyboard is."""
        passed = []
        for _ in range(FAR):
            bearing = control.evaluate(BEARING)
            if bearing == "here":
                return
            assert bearing != "hidden", f"nothing shows the focus on {control}"
            self.page.keyboard.press(bearing)
            passed.append(self.page.evaluate(WHERE))
        raise AssertionError(f"Tab does not lead to {control}:\n" + "\n".join(passed[-40:]))

    def press(self, button):
        self.reach(button)
        self.page.keyboard.press("Enter")

    def grasp(self, slider, stop):
        self.reach(slider)
        for _ in range(FAR):
            at = int(slider.input_value())
            if at == stop:
                return
            self.page.keyboard.press("ArrowRight" if at < stop else "ArrowLeft")
        raise AssertionError(f"the arrows do not bring {slider} to {stop}")

    def lower(self):
        self.page.keyboard.press("ArrowLeft")

    def let_go(self):
        """Do nothing: a slider that nobody moves is at rest."""
