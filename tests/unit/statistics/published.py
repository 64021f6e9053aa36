"""Published tables, typed in, each with where it is printed."""

# Freireich et al. 1963, weeks of remission of leukaemia, 6-mercaptopurine against placebo; a + is censored.
# Printed with its Kaplan-Meier curve and log-rank test in Kleinbaum and Klein, Survival Analysis, chapters 1 and 2.
MERCAPTOPURINE = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
MERCAPTOPURINE_SURVIVAL = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
MERCAPTOPURINE_STD_ERR = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}
LOG_RANK = {"chi2": 16.79, "expected": (19.25, 10.75), "observed": (9, 21)}

# Abernethy et al., Weibull Analysis Handbook, 1983: hours of 1,703 bearing cages, six of them broken; the fit is in
# Meeker and Escobar, Statistical Methods for Reliability Data, 1998, chapter 8.
BEARING_CAGE_FAILURES = (230, 334, 423, 990, 1009, 1510)
BEARING_CAGE_RUNNING = {
    50: 288, 150: 148, 250: 124, 350: 111, 450: 106, 550: 99, 650: 110, 750: 114, 850: 119, 950: 127, 1050: 123,
    1150: 93, 1250: 47, 1350: 41, 1450: 27, 1550: 11, 1650: 6, 1850: 1, 2050: 2,
}  # fmt: skip
BEARING_CAGE_FIT = {"shape": 2.035, "scale": 11792, "b10": 3903}

# Lieblein and Zelen 1956: millions of revolutions to failure of 23 ball bearings; the fit is in Lawless, Statistical
# Models and Methods for Lifetime Data, 1982.
BALL_BEARINGS = (
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.48, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64, 68.64, 68.88, 84.12,
    93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
)  # fmt: skip
BALL_BEARINGS_FIT = {"shape": 2.102, "scale": 81.88, "log_likelihood": -113.691}

# Nelson, Confidence Limits for Recurrence Data, Technometrics 1995: valve-seat replacements of 41 diesel engines, ages
# in days, the last of each engine being the end of its history.
VALVE_SEATS = """
251 761|252 759|327 98 667|328 326 653 653 667|329 665|330 84 667|331 87 663|389 646 653|390 92 653|391 651
392 258 328 377 621 650|393 61 539 648|394 254 276 298 640 644|395 76 538 642|396 635 641|397 349 404 561 649|398 631
399 596|400 120 479 614|401 323 449 582|402 139 139 589|403 593|404 573 589|405 165 408 604 606|406 249 594
407 344 497 613|408 265 586 595|409 166 206 348 389|410 601|411 410 581 601|412 611|413 608|414 587|415 367 603
416 202 563 570 585|417 587|418 578|419 578|420 586|421 585|422 582
"""

# ReliaSoft, Life Data Analysis Reference, "Warranty Data Analysis", Nevada chart: units shipped in June, July and
# August and returned in July, August and September; the fit there is beta 2.4928, eta 6.6951.
WARRANTY = "ship,quantity,Jul 2010,Aug 2010,Sep 2010\nJun 2010,100,3,3,5\nJul 2010,140,,2,4\nAug 2010,150,,,4\n"
WARRANTY_FIT = {"shape": 2.4928, "scale": 6.6951}


def censored(text: str) -> tuple[list[float], list[bool]]:
    """Return times and whether each is an event, from numbers with a + behind the censored ones."""
    words = text.split()
    return [float(word.rstrip("+")) for word in words], [not word.endswith("+") for word in words]


def valve_seat_rows() -> list[tuple[str, float, bool]]:
    """Return (engine, age, whether a replacement), one row per replacement and one per end of a history."""
    engines = [line.split() for line in VALVE_SEATS.replace("\n", "|").split("|") if line]
    return [(name, float(age), place < len(ages) - 1) for name, *ages in engines for place, age in enumerate(ages)]
