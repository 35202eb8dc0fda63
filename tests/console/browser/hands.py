"""How a person uses a page: with a mouse, or with nothing but Tab and Enter."""
from browser import Visitor
from support import Failed

# Whether the focused element shows that it is focused.
SHOWS_FOCUS = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
}"""


class Mouse:
    """Clicks."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page

    def touch(self, name: str, role: str = "button", within=None) -> None:
        """Presses the button, or follows the link."""
        element = (within or self.page).get_by_role(role, name=name, exact=True).first
        element.wait_for()
        self._activate(element, name)

    def press(self, name: str, role: str = "button", within=None) -> None:
        """As `touch`, and waits for the page that comes."""
        with self.page.expect_navigation():
            self.touch(name, role, within)

    def follow(self, name: str) -> None:
        """Follows the link with that text."""
        self.press(name, "link")

    def _activate(self, element, _name: str) -> None:
        element.click()

    def fill(self, label: str, text: str) -> None:
        """Types into the field with that label."""
        self.page.get_by_label(label, exact=True).fill(text)


class Keyboard(Mouse):
    """Presses Tab until the focus is where it should be, then Enter. The focus must be seen at each stop."""

    def _activate(self, element, name: str) -> None:
        self._reach(element, name)
        self.page.keyboard.press("Enter")

    def fill(self, label: str, text: str) -> None:
        """Types into the field with that label."""
        self._reach(self.page.get_by_label(label, exact=True), label)
        self.page.keyboard.type(text)

    def _reach(self, element, name: str) -> None:
        for _ in range(150):
            if element.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            if not self.page.evaluate(SHOWS_FOCUS):
                where = self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
                self.visitor.find(f"the focus cannot be seen at {where}")
        raise Failed(f"{name} cannot be reached with Tab at {self.page.url}")
