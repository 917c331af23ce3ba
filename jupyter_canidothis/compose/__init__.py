"""The Compose Specification, as far as it says what services need of a host.

Source: https://github.com/compose-spec/compose-spec, ``spec.md``, ``05-services.md``,
``12-interpolation.md``, ``13-merge.md``, ``deploy.md``. Text is read by
`wire.strict_yaml`, nothing is fetched, and files are read only beside a local one.
"""
