// Scans over raw bytes: which of them are structure, and in what form they are written.
#pragma once
#include "byte_mask.h"
#include "hex.h"
#include "json_mask.h"
#include "json_shape.h"
#include "utf8.h"
