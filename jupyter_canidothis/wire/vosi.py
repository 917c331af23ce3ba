"""VOSI capabilities (IVOA VOSI 1.1, section 3): what this service offers, and where."""

from __future__ import annotations

from xml.etree import ElementTree as ET

__all__ = ["capabilities"]

_VOSI = "http://www.ivoa.net/xml/VOSICapabilities/v1.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_VR = "http://www.ivoa.net/xml/VOResource/v1.0"
_VS = "http://www.ivoa.net/xml/VODataService/v1.1"
_OFFERED = {
    "ivo://ivoa.net/std/VOSI#capabilities": "capabilities",
    "ivo://ivoa.net/std/ExecutionPlanner#accepts": "accepts",
}


def capabilities(base: str) -> bytes:
    """Write the capabilities document.

    Parameters
    ----------
    base
        URL under which the routes of this service lie.
    """
    root = ET.Element(f"{{{_VOSI}}}capabilities", {"xmlns:vr": _VR, "xmlns:vs": _VS})
    for standard, path in _OFFERED.items():
        capability = ET.SubElement(root, "capability", {"standardID": standard})
        interface = ET.SubElement(
            capability, "interface", {f"{{{_XSI}}}type": "vs:ParamHTTP", "role": "std"}
        )
        access = ET.SubElement(interface, "accessURL", {"use": "full"})
        access.text = f"{base}/{path}"
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
