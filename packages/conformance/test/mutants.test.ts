import { mutantsAreCaught } from "@leadterra/conformance"

mutantsAreCaught()
