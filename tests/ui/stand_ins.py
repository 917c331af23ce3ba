"""What our server says, changed on its way to the page."""

from __future__ import annotations

import json

SCRIPT = {
    "platform": "Gaia (declared)",
    "content": "#!/bin/bash\n#SBATCH --mem=16G\nsrun jupyter execute m31_photometry.ipynb\n",
    "name": "m31_photometry.sbatch",
    "command": "sbatch m31_photometry.sbatch",
}


def let_gaia_hand_over(page):
    """Declared places hand nothing over; one of them does now, as Slurm would."""

    def able(route):
        lines = [json.loads(line) for line in route.fetch().text().splitlines()]
        for info in lines[0]["plan"]["platforms"]:
            info["hands_over"] = info["name"] == SCRIPT["platform"]
        body = "".join(json.dumps(line) + "\n" for line in lines)
        route.fulfill(body=body, content_type="application/x-ndjson")

    page.route("**/canidothis/plan*", able)
    page.route("**/canidothis/handover*", lambda route: route.fulfill(json=SCRIPT))


def speak_another_json(page, step):
    """Let the server part be as much newer, or older, than the panel."""

    def another(route):
        listed = route.fetch().json()
        route.fulfill(json=listed | {"wire": listed["wire"] + step, "version": "9.9.9"})

    page.route("**/canidothis/platforms*", another)
