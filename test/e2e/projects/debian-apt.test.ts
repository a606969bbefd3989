// A Debian stage with packages that bring users, setuid files and capabilities.

import { testProject } from "../../suites/project.js";

testProject({
  name: "debian-apt",
  bases: ["debian"],
  output: "ping cap_net_raw=ep\n-rwsr-xr-x root:root\nmessagebus\napp\nno motd\n",
  changes: [
    {
      says: "the script",
      file: "report.sh",
      from: "id -un",
      to: "id -u",
      reruns: ["[5/5] COPY --chown=app:app --chmod=750 report.sh ./"],
      output: "ping cap_net_raw=ep\n-rwsr-xr-x root:root\nmessagebus\n1000\nno motd\n",
    },
  ],
});
