"""Words that several reference tables use: prices, and the fields that conditions look at."""

PRICE_TYPES = ("one_time", "recurring", "usage")
ACCOUNT_FIELDS = ("classification", "country", "account_type", "organisational_unit")
SEGMENT_FIELDS = (*ACCOUNT_FIELDS, "subscription_type")
CONDITION_FIELDS = (*SEGMENT_FIELDS, "segment")
CATALOGUE_FIELDS = (*CONDITION_FIELDS, "termed_product_id")
PRODUCT_FIELDS = ("product_id", "product_type", "product_family")
ORDER_DAYS = ("ordered_on", "start_date")
JOB_FIELDS = ("job_type", "job_completion")
RECEIVER_FIELDS = ("account_id", "subscription_id", *CONDITION_FIELDS, *JOB_FIELDS)
DISCOUNTED_FIELDS = (*PRODUCT_FIELDS, "udr_type", "price_type", "price_plan_id", "billing_frequency", "billed_months",
                     "advance_months")  # fmt: skip
PLAN_FIELDS = (*CONDITION_FIELDS, *PRODUCT_FIELDS, *ORDER_DAYS, *JOB_FIELDS)

# In front of the name of an attribute of the product, as a field of a condition; between two days of one.
PRODUCT_ATTRIBUTE = "product_attribute:"

STRETCH = ".."
ANY = "*"
