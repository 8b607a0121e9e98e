"""The tables of the invented operator whose prices are of every kind: what company.py makes otherwise.

Here belongs what the pricing mix has beside the plain month: a lookup of 2,000 prefixes that names the operator
called, rates for one operator only, conditional plans that fall back to their base plan rate by rate, data in
tiers that are added up, and premium calls at a percentage with a minimum and a maximum. Records, customers,
bands, set-up fees and increments are those of company.py.
"""

SMALL_TABLES = {
    "product_lookups": "product_id,attribute,place,lookup_id,from_attribute\nVOICE,operator,1,operators,destination\n",
    "rate_conditions": "rate_id,attribute,value\nOWN-PEAK,operator,OP3\nOWN,operator,OP3\n",
}

TABLES = {
    "lookups": """
        SELECT 'operators' AS lookup_id, 'prefix' AS match, prefix || digit AS lookup_key, 'OP' || place % 7 AS result
        FROM prefixes, range(10) t(digit) ORDER BY digit, prefix LIMIT 2000""",
    # Every base plan has a conditional one with prices of its own for calls at home.
    "price_plans": """
        SELECT format('P{:02d}', p) AS price_plan_id, 'MOBILE' AS catalogue_id, 'Plan ' || p AS name, 'EUR' AS currency,
               'base' AS plan_type, NULL AS base_plan_id
        FROM range(20) t(p)
        UNION ALL
        SELECT format('C{:02d}', p), 'MOBILE', 'Business plan ' || p, 'EUR', 'conditional', format('P{:02d}', p)
        FROM range(20) t(p)""",
    "price_plan_conditions": """
        SELECT format('C{:02d}', p) AS price_plan_id, 'apply' AS purpose, 'classification' AS field,
               'business' AS allowed_values
        FROM range(20) t(p)""",
    "rates": """
        WITH placed AS (
            SELECT * FROM (VALUES
                ('VOICE', NULL, NULL, 0.1, 60, 60, 99, 60), ('VOICE', 'national', 'peak', 0, 0, 1, 6, 60),
                ('VOICE', 'national', NULL, 0, 0, 1, 3, 60), ('VOICE', 'mobile', 'peak', 0, 30, 1, 12, 60),
                ('VOICE', 'mobile', NULL, 0, 30, 1, 9, 60), ('VOICE', 'europe', NULL, 0.05, 30, 30, 15, 60),
                ('VOICE', 'europe_mobile', NULL, 0.05, 30, 30, 25, 60), ('VOICE', 'america', NULL, 0.08, 60, 60, 35, 60),
                ('VOICE', 'africa', NULL, 0.1, 60, 60, 79, 60), ('VOICE', 'asia', 'weekend', 0.1, 60, 60, 49, 60),
                ('VOICE', 'asia', NULL, 0.1, 60, 60, 69, 60), ('SMS', NULL, NULL, 0, 0, 1, 15, 1),
                ('SMS', 'national', NULL, 0, 0, 1, 5, 1), ('SMS', 'mobile', NULL, 0, 0, 1, 7, 1)
            ) v(product_id, zone_id, time_band_id, setup, minimum, step, cents, price_per)
        ), flat AS (
            SELECT format('P{:02d}', p) AS price_plan_id, product_id, zone_id, time_band_id, 'flat' AS rate_model,
                   setup AS setup_fee, minimum AS minimum_quantity, step AS increment,
                   ((cents + p % 7 * 0.1) / 100)::DECIMAL(12, 6) AS unit_price, price_per,
                   NULL AS minimum_amount, NULL AS maximum_amount
            FROM placed, range(20) t(p)
            UNION ALL
            SELECT format('C{:02d}', p), product_id, zone_id, time_band_id, 'flat', 0, 0, 1,
                   ((cents + p % 7 * 0.1) / 125)::DECIMAL(12, 6), price_per, NULL, NULL
            FROM placed, range(20) t(p) WHERE zone_id = 'national'
            UNION ALL
            SELECT format('P{:02d}', p), 'VOICE', 'premium', NULL, 'percentage', 0.5, 60, 60,
                   ((80 + p) / 100)::DECIMAL(12, 6), 1, 0.9, 6
            FROM range(20) t(p)
            UNION ALL
            SELECT format('P{:02d}', p), 'DATA', NULL, NULL, 'tiered', 0, 0, 0.1, NULL, 10, NULL, NULL
            FROM range(20) t(p)
        )
        SELECT format('R{:04d}', row_number() OVER (ORDER BY price_plan_id, product_id, zone_id, time_band_id))
               AS rate_id, *, NULL AS valid_from, NULL AS valid_to
        FROM flat
        UNION ALL
        SELECT 'OWN-PEAK', 'P00', 'VOICE', 'mobile', 'peak', 'flat', 0, 0, 1, 0.02, 60, NULL, NULL, NULL, NULL
        UNION ALL SELECT 'OWN', 'P00', 'VOICE', 'mobile', NULL, 'flat', 0, 0, 1, 0.01, 60, NULL, NULL, NULL, NULL
        ORDER BY rate_id""",
}

# Made once the rates are written, which they read.
LATER = {
    "rate_tiers": """
        SELECT rate_id, above, up_to, ((cents + place % 7 * 0.1) / 100)::DECIMAL(12, 6) AS unit_price, flat_amount
        FROM (SELECT rate_id, row_number() OVER (ORDER BY rate_id) AS place
              FROM read_csv('{folder}/rates.csv', all_varchar = true) WHERE rate_model = 'tiered'),
             (VALUES (0, 2, 21, 0), (2, 20, 17, 0.01), (20, NULL, 9, 0.05)) v(above, up_to, cents, flat_amount)
        ORDER BY rate_id, above""",
}

# A third of the accounts are businesses; a quarter of the subscriptions ask for the plan that is for them.
MACROS = (
    "CREATE MACRO classification(a) AS CASE WHEN a % 3 = 0 THEN 'business' END",
    "CREATE MACRO plan(s) AS format(CASE WHEN s % 4 = 1 THEN 'C{:02d}' ELSE 'P{:02d}' END, s % 20)",
)
