import { MemoryRepository } from "@leadterra/adapter-memory"
import { conformance } from "@leadterra/conformance"

conformance("the memory store", MemoryRepository.layer)
