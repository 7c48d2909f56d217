# tests.mk - checks and tests
#
# Each tests/unit/x_test.c becomes a program of its own, linked with everything of core and the applets
# but main. Tests are built in the flavour "test", below $(BUILD)/test.

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*_test.c))

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(ARCHIVES)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(LINK) -o $@ $< $(LIBS) -lcmocka

.PHONY: unit-programs
unit-programs: $(UNIT)
-include $(patsubst $(BUILD)/unit/%,$(BUILD)/obj/tests/unit/%.d,$(UNIT))

TEST_MAKE := $(MAKE) FLAVOUR=test BUILD=$(BUILD)/test

# T=NAME: only tests/unit/NAME_test.c
.PHONY: unit
unit:
	+$(Q)$(TEST_MAKE) $(if $(T),$(BUILD)/test/unit/$(T)_test,unit-programs)
	$(Q)tests/run unit $(T)
